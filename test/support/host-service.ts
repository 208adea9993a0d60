import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HostService {
  readonly port: number;
  /** How many connections it has seen. */
  connections(): number;
  close(): Promise<void>;
}

/** A web server on all of the host's loopback addresses that can be bound at once: 127.0.0.1, and 127.99.0.1 beside it. */
export async function openHostService(): Promise<HostService> {
  let count = 0;
  const server = createServer((_request, response) => response.end('from the host\n'));
  const sibling = createServer((_request, response) => response.end('from the host\n'));
  for (const each of [server, sibling]) each.on('connection', () => (count += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => sibling.listen(port, '127.99.0.1', resolve));
  return {
    port,
    connections: () => count,
    async close() {
      for (const each of [server, sibling]) {
        await new Promise((resolve) => {
          each.close(resolve);
          each.closeAllConnections();
        });
      }
    },
  };
}
