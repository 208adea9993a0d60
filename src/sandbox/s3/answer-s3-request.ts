// S3's own way through the sandbox: its requests are REST, its bodies are streams of any size, and its signatures say of
// the payload what the other services' do not.

import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { meetFault } from '../server/meet-fault.js';
import { readRequestBody } from '../server/request-body.js';
import { AwsError } from '../wire/aws-error.js';
import { REGIONS } from '../world/regions.js';
import type { SandboxServices } from '../world/services.js';
import { readAddress } from './address.js';
import { authorizeS3Request } from './authorize.js';
import { receiveContent } from './receive-content.js';
import { errorReply } from './replies.js';
import { findRoute } from './route.js';
import type { S3Call, S3Reply } from './s3-call.js';
import { assertHeadersSupported } from './unsupported-headers.js';

/** Answers one request that is signed for S3. What goes wrong becomes an error document. */
export async function answerS3Request(
  services: SandboxServices,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const requestId = randomUUID();
  const startedAt = services.clock.now().getTime();
  const { method = 'GET', url = '/' } = request;
  let label = 's3';
  let reply: S3Reply;
  try {
    const call = createCall(services, request, { signal, requestId });
    const route = findRoute(call);
    label = `${call.context.region} s3:${route.name} ${call.bucket ?? ''}${call.key === undefined ? '' : `/${call.key}`}`;
    assertHeadersSupported(call.headers);
    const fault = await meetFault(call.context, `s3:${route.name}`, { Bucket: call.bucket, Key: call.key });
    if (fault?.kind === 'lost-request') return hangUp();
    reply = await route.handle(call);
    await services.world.commit();
    if (fault?.kind === 'lost-response') return hangUp();
  } catch (error) {
    const failure = toAwsError(error, services);
    reply = errorReply(failure, url.split('?', 1)[0] ?? '/', requestId);
    label += ` ${failure.code}`;
  }
  services.log(`${label} ${reply.status} ${services.clock.now().getTime() - startedAt}ms ${requestId}`);
  // A client that is still sending a body that nobody wants is told so, and then hung up on.
  const isDrained = request.complete || request.readableEnded;
  await sendReply(response, isDrained ? reply : { ...reply, headers: { ...reply.headers, Connection: 'close' } }, {
    method,
    requestId,
  });

  function hangUp(): void {
    services.log(`${label} hung up, as the fault plan says`);
    response.destroy();
  }
}

function createCall(
  services: SandboxServices,
  request: IncomingMessage,
  { signal, requestId }: { readonly signal: AbortSignal; readonly requestId: string },
): S3Call {
  const { method = 'GET', url = '/' } = request;
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(',')]],
    ),
  );
  const trust = { accounts: services.accounts, now: services.clock.now() };
  const { authorization, account } = authorizeS3Request({ method, url, headers }, trust);
  if (!REGIONS.includes(authorization.region)) {
    throw new AwsError('AuthorizationHeaderMalformed', `The region '${authorization.region}' is wrong`);
  }
  const [path = '/', query = ''] = url.split('?', 2);
  const incoming = {
    body: request,
    headers,
    authorization,
    secretAccessKey: account.secretAccessKey,
    objectsDir: services.paths.objectsDir,
    signal,
  };
  return {
    ...readAddress(headers['host'] ?? '', path),
    context: {
      ...services,
      region: authorization.region,
      accountId: account.accountId,
      memberOf: account.memberOf,
      requestId,
      isWaiter: false,
      requestSignal: signal,
    },
    authorization,
    method,
    headers,
    query: new URLSearchParams(query),
    receiveContent: () => receiveContent(incoming),
    receiveText: async () => (await readRequestBody(request)).toString('utf8'),
  };
}

function toAwsError(error: unknown, services: SandboxServices): AwsError {
  if (error instanceof AwsError) return error;
  services.log(`bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500);
}

async function sendReply(
  response: ServerResponse,
  { status, headers = {}, body = '', contentLength }: S3Reply,
  { method, requestId }: { readonly method: string; readonly requestId: string },
): Promise<void> {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.end - body.start + 1;
  response.writeHead(status, {
    ...headers,
    // Neither 204 nor 304 may announce a body.
    ...(status === 204 || status === 304 ? {} : { 'Content-Length': contentLength ?? length }),
    'x-amz-request-id': requestId,
    Server: 'AmazonS3',
  });
  if (method === 'HEAD' || typeof body === 'string' || length === 0) {
    response.end(method === 'HEAD' || typeof body !== 'string' ? undefined : body);
    return;
  }
  await pipeline(createReadStream(body.file, { start: body.start, end: body.end }), response);
}
