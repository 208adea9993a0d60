// One port on loopback with three doors: plain HTTP for clients that are given the endpoint, CONNECT for clients that
// believe they talk to AWS through a proxy, and /_sandbox for ourselves. Only API hosts of AWS are connected, to here;
// every other host is refused, so nothing of a client with this proxy reaches the real AWS.

import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createError } from '../../errors.js';
import { answerS3Request } from '../s3/answer-s3-request.js';
import { isS3Request } from '../s3/authorize.js';
import { AwsError } from '../wire/aws-error.js';
import type { SandboxServices } from '../world/services.js';
import { type CertificateAuthority, isAwsHost } from './certificates.js';
import { answerApiRequest } from './dispatch.js';
import { readRequestBody } from './request-body.js';

export interface Endpoint {
  readonly port: number;
  /** Stops listening and hangs up on everybody. */
  close(): Promise<void>;
}

export interface EndpointOptions {
  readonly services: SandboxServices;
  readonly authority: CertificateAuthority;
  /** Requests wait for it: the port is taken before the state is touched, so that of two servers one finds out early. */
  readonly ready: Promise<void>;
  /** 0 picks a free one. */
  readonly port: number;
  /** Answers the control paths below /_sandbox; the caller has shown the control token. */
  control(request: ControlRequest): Promise<object | undefined>;
}

export interface ControlRequest {
  readonly path: string;
  readonly method: string;
  /** Of JSON; undefined when there is none. */
  readonly body: unknown;
}

/**
 * Listens on 127.0.0.1.
 *
 * @throws SANDBOX_PORT_IN_USE
 */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { authority, services } = options;
  const sockets = new Set<Socket>();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    answerRequest(options, request, response).catch((error: unknown) => {
      services.log(`request failed: ${String(error)}`);
      response.destroy();
    });
  };
  const server = createServer(answer);
  const tlsServer = createTlsServer(
    {
      SNICallback: (host, done) => {
        authority.getContext(host).then(
          (context) => done(null, context),
          (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
        );
      },
    },
    answer,
  );
  tlsServer.on('tlsClientError', (error) => services.log(`TLS refused: ${error.message}`));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (!isAllowedTarget(request.url ?? '')) {
      services.log(`proxy refused ${request.url}`);
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    tlsServer.emit('connection', socket);
  });
  await listen(server, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function isAllowedTarget(target: string): boolean {
  const match = /^([^:]+):443$/.exec(target);
  return match?.[1] !== undefined && isAwsHost(match[1]);
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? createError('SANDBOX_PORT_IN_USE', [port], { cause: error }) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function answerRequest(
  options: EndpointOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = request.url ?? '/';
  await options.ready;
  // A proxy is asked for plain HTTP with the whole address; there is nothing of AWS behind plain HTTP.
  if (!url.startsWith('/')) return sendJson(response, 403, { error: 'the sandbox proxies only HTTPS to AWS' });
  if (url.startsWith('/_sandbox/')) return answerControl(options, request, response);
  await answerApi(options.services, request, response);
}

async function answerApi(services: SandboxServices, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hangUp = new AbortController();
  response.once('close', () => hangUp.abort());
  const signal = AbortSignal.any([hangUp.signal, services.signal]);
  const { method = 'GET', url = '/', headers } = request;
  if (isS3Request(headers.authorization, url)) return answerS3Request(services, request, response, signal);
  try {
    const body = await readRequestBody(request);
    const reply = await answerApiRequest(services, { method, url, headers, body }, signal);
    if (reply === 'hang up') {
      response.destroy();
      return;
    }
    response.writeHead(reply.status, {
      'Content-Type': reply.contentType,
      'Content-Length': Buffer.byteLength(reply.body),
      'x-amzn-RequestId': reply.requestId,
      'Cache-Control': 'no-cache, no-store',
      ...reply.headers,
    });
    response.end(reply.body);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    sendJson(response, error.status, { error: error.message });
  }
}

async function answerControl(
  { services, ...options }: EndpointOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').slice('/_sandbox/'.length);
  if (path === 'health') return sendJson(response, 200, { status: 'ok' });
  if (!isControlToken(request.headers['x-sandbox-token'], services.credentials.controlToken)) {
    return sendJson(response, 403, { error: 'the control token is missing or wrong' });
  }
  try {
    const text = (await readRequestBody(request)).toString('utf8');
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const answer = await options.control({ path, method: request.method ?? 'GET', body });
    if (answer === undefined) sendJson(response, 404, { error: `no control path ${path}` });
    else sendJson(response, 200, answer);
  } catch (error) {
    sendJson(response, 400, { error: error instanceof Error ? error.message : String(error) });
  }
}

function isControlToken(given: string | readonly string[] | undefined, token: string): boolean {
  if (typeof given !== 'string' || Buffer.byteLength(given) !== Buffer.byteLength(token)) return false;
  return timingSafeEqual(Buffer.from(given), Buffer.from(token));
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
