import type { AwsError } from './aws-error.js';
import {
  assertRequired,
  parseJson,
  readJsonMembers,
  readJsonValue,
  writeJsonMembers,
  writeJsonValue,
} from './json-codec.js';
import type { OperationShape } from './operation.js';
import type { Protocol, WireReply } from './protocol.js';
import { readBindings, writeBindings } from './rest-bindings.js';
import { createRouter } from './rest-route.js';

/** REST with JSON bodies: method and path name the operation; members travel in path, query, headers and body. */
export function createRestJsonProtocol(operations: Iterable<OperationShape>): Protocol {
  const findRoute = createRouter(operations);
  return {
    findAction: (request) => findRoute(request)?.action,
    readInput({ input }, request) {
      const { members, payload, unbound } = readBindings(input, request, findRoute(request)?.labels ?? {});
      if (payload !== undefined) {
        const [name, schema] = payload;
        members[name] = readJsonValue(schema, parseJson(request.body.toString('utf8')), name);
      } else if (unbound.length > 0) {
        Object.assign(members, readJsonMembers(unbound, parseJson(request.body.toString('utf8'))));
      }
      assertRequired(input, members);
      return members;
    },
    writeOutput({ output, http }, value) {
      const { headers, status, body, payload, unbound } = writeBindings(
        output,
        (value ?? {}) as Record<string, unknown>,
      );
      const reply = { status: status ?? http?.status ?? 200, headers };
      if (body !== undefined) return { ...reply, contentType: 'application/octet-stream', body };
      const json = payload === undefined ? writeJsonMembers(unbound, value) : writeJsonValue(payload[1], payload[2]);
      return { ...reply, contentType: 'application/json', body: JSON.stringify(json) };
    },
    writeError,
  };
}

function writeError({ code, status, message, details }: AwsError): WireReply {
  return {
    status,
    contentType: 'application/json',
    headers: { 'x-amzn-ErrorType': code },
    body: JSON.stringify({ Message: message, ...details }),
  };
}
