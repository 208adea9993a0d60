// The instance metadata service of one instance, version 2 only, on a unix socket that only its own guest is joined to.
// Behaviour: docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html

import { rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { InstanceMetadata } from '../machine/instance-driver.js';
import { findMetadata } from './find-metadata.js';
import { buildMetadataTree, METADATA_VERSIONS } from './metadata-tree.js';
import type { SessionTokens } from './session-tokens.js';
import { createSessionTokens } from './session-tokens.js';

export interface ImdsServer {
  /** Whether the guest has asked for anything. */
  readonly isAsked: boolean;
  close(): Promise<void>;
}

export interface ImdsOptions {
  readonly socketFile: string;
  readonly metadata: InstanceMetadata;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const TOKEN_HEADER = 'x-aws-ec2-metadata-token';
const TTL_HEADER = 'x-aws-ec2-metadata-token-ttl-seconds';
const MAX_TTL_SECONDS = 21_600;

/** Listens on the socket, taking the place of an earlier server's. */
export async function startImdsServer(options: ImdsOptions): Promise<ImdsServer> {
  const tokens = createSessionTokens(options.now);
  const tree = buildMetadataTree(options.metadata);
  let isAsked = false;
  const server = createServer((request, response) => {
    isAsked = true;
    request.resume();
    // "403 - Forbidden: the request is not allowed or the IMDS is turned off", says EC2's user guide.
    if (options.metadata.isTurnedOff === true) return send(response, 403);
    answer(request, response, { tokens, tree, keyName: options.metadata.keyName });
  });
  // A socket file that its server left behind refuses connections and blocks the name.
  await rm(options.socketFile, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.socketFile, resolve);
  });
  return {
    get isAsked() {
      return isAsked;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface ServiceState {
  readonly tokens: SessionTokens;
  readonly tree: ReadonlyMap<string, string>;
  readonly keyName: string | undefined;
}

function answer(request: IncomingMessage, response: ServerResponse, state: ServiceState): void {
  response.setHeader('Server', 'EC2ws');
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (request.method === 'PUT') return answerTokenRequest(path, request, response, state.tokens);
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405);
  const token = request.headers[TOKEN_HEADER];
  const leftSeconds = typeof token === 'string' ? state.tokens.findRemainingSeconds(token) : undefined;
  if (leftSeconds === undefined) return send(response, 401);
  response.setHeader(TTL_HEADER, String(leftSeconds));
  const text = findText(path, state);
  return text === undefined ? send(response, 404) : send(response, 200, text);
}

function answerTokenRequest(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  tokens: SessionTokens,
): void {
  if (!/^\/(latest|\d{4}-\d\d-\d\d)\/api\/token\/?$/.test(path)) return send(response, 404);
  // A request that came through a proxy gets no token: the service's defence against open reverse proxies.
  if (request.headers['x-forwarded-for'] !== undefined) return send(response, 403);
  const ttl = Number(request.headers[TTL_HEADER]);
  if (!Number.isInteger(ttl) || ttl < 1 || ttl > MAX_TTL_SECONDS) return send(response, 400);
  response.setHeader(TTL_HEADER, String(ttl));
  return send(response, 200, tokens.create(ttl));
}

function findText(path: string, state: ServiceState): string | undefined {
  const [version, ...rest] = path.replace(/^\/+/, '').split('/');
  if (version === '' || version === undefined) return METADATA_VERSIONS.join('\n');
  if (!METADATA_VERSIONS.some((known) => known === version)) return undefined;
  return findMetadata(state.tree, state.keyName, rest.join('/'));
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
};

function send(response: ServerResponse, status: number, text?: string): void {
  const reason = REASONS[status];
  const body =
    text ?? `<html><head><title>${status} - ${reason}</title></head><body><h1>${reason}</h1></body></html>\n`;
  response.writeHead(status, {
    'Content-Type': text === undefined ? 'text/html' : 'text/plain',
    'Content-Length': Buffer.byteLength(body),
    // One relay process a connection: keeping connections open would keep relays.
    Connection: 'close',
  });
  response.end(body);
}
