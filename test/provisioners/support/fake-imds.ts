// A metadata service for scripts that run in a chroot of this machine: version 2 only, and it can refuse.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeImds {
  /** `127.0.0.1:PORT`, for BUILDIMG_IMDS_ADDRESS. */
  readonly address: string;
  /** Paths that were asked for with a valid token. */
  readonly asked: readonly string[];
  /** Below /latest/meta-data/; a path that is not here is a 404. */
  readonly metadata: Map<string, string>;
  /** Whether tokens are given out. */
  setEnabled(isEnabled: boolean): void;
  close(): Promise<void>;
}

const TOKEN = 'dG9rZW4=';

/** Starts it on a free port of the loopback interface. */
export async function startFakeImds(metadata: Readonly<Record<string, string>>): Promise<FakeImds> {
  const values = new Map(Object.entries(metadata));
  const asked: string[] = [];
  let isEnabled = true;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    if (!isEnabled) return send(response, 403);
    if (path === '/latest/api/token') {
      const hasTtl = /^\d+$/.test(String(request.headers['x-aws-ec2-metadata-token-ttl-seconds']));
      return request.method === 'PUT' && hasTtl ? send(response, 200, TOKEN) : send(response, 400);
    }
    if (request.headers['x-aws-ec2-metadata-token'] !== TOKEN) return send(response, 401);
    asked.push(path);
    const value = values.get(path.replace('/latest/meta-data/', ''));
    return value === undefined ? send(response, 404) : send(response, 200, value);
  }

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    metadata: values,
    setEnabled: (value) => {
      isEnabled = value;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function send(response: ServerResponse, status: number, text = ''): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
