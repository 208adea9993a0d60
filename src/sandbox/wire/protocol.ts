import type { AwsError } from './aws-error.js';
import { parseFormTree } from './form-tree.js';
import { readJsonInput, writeJsonOutput } from './json-codec.js';
import type { OperationShape } from './operation.js';
import { type QueryDialect, readQueryInput } from './query-reader.js';
import { escapeXml, writeXmlElement, writeXmlMembers } from './xml-writer.js';

/** What a request says before its operation is known. */
export interface WireRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export interface WireReply {
  readonly status: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** How one family of AWS services puts requests and replies on the wire. */
export interface Protocol {
  /** The operation that a request names, or undefined. */
  findAction(request: WireRequest): string | undefined;
  readInput(operation: OperationShape, request: WireRequest): Record<string, unknown>;
  writeOutput(operation: OperationShape, output: unknown, requestId: string): WireReply;
  writeError(error: AwsError, requestId: string): WireReply;
}

/** EC2's own query dialect: flat lists, `<ActionResponse>` with the members directly inside. */
export function createEc2Protocol(namespace: string): Protocol {
  return {
    ...createFormReader('ec2'),
    writeOutput: ({ name: action, output: schema }, output, requestId) =>
      xmlReply(
        200,
        `<${action}Response xmlns="${namespace}">${writeXmlElement('requestId', requestId)}` +
          `${schema.isUnitSchema() ? '<return>true</return>' : writeXmlMembers(schema, output)}</${action}Response>`,
      ),
    writeError: (error, requestId) =>
      xmlReply(
        error.status,
        `<Response><Errors><Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>` +
          `</Error></Errors><RequestID>${requestId}</RequestID></Response>`,
      ),
  };
}

/** The query protocol of STS and IAM: `<ActionResult>` inside `<ActionResponse>`. */
export function createQueryProtocol(namespace: string): Protocol {
  return {
    ...createFormReader('aws'),
    writeOutput: ({ name: action, output: schema }, output, requestId) =>
      xmlReply(
        200,
        `<${action}Response xmlns="${namespace}">` +
          writeXmlElement(`${action}Result`, writeXmlMembers(schema, output)) +
          `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`,
      ),
    writeError: (error, requestId) =>
      xmlReply(
        error.status,
        `<ErrorResponse xmlns="${namespace}"><Error><Type>${error.status < 500 ? 'Sender' : 'Receiver'}</Type>` +
          `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error>` +
          `<RequestId>${requestId}</RequestId></ErrorResponse>`,
      ),
  };
}

/** JSON 1.1: the operation is in X-Amz-Target, behind `targetPrefix` and a dot. */
export function createJsonProtocol(targetPrefix: string): Protocol {
  return {
    findAction({ headers }) {
      const target = headers['x-amz-target'];
      if (typeof target !== 'string' || !target.startsWith(`${targetPrefix}.`)) return undefined;
      return target.slice(targetPrefix.length + 1);
    },
    readInput: ({ input }, request) => readJsonInput(input, request.body.toString('utf8')),
    writeOutput: ({ output: schema }, output) => jsonReply(200, writeJsonOutput(schema, output)),
    writeError: (error) =>
      jsonReply(error.status, JSON.stringify({ __type: error.code, message: error.message, Message: error.message })),
  };
}

function createFormReader(dialect: QueryDialect): Pick<Protocol, 'findAction' | 'readInput'> {
  return {
    findAction: (request) => readForm(request).get('Action') ?? undefined,
    readInput: ({ input }, request) => readQueryInput(input, parseFormTree(readForm(request)), dialect),
  };
}

function readForm({ body }: WireRequest): URLSearchParams {
  return new URLSearchParams(body.toString('utf8'));
}

function xmlReply(status: number, body: string): WireReply {
  return { status, contentType: 'text/xml;charset=UTF-8', body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
}

function jsonReply(status: number, body: string): WireReply {
  return { status, contentType: 'application/x-amz-json-1.1', body };
}
