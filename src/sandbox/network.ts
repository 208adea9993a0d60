import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { SandboxNetwork } from './world/services.js';

// 127.0 and 127.1 are what other programs use; above 250 nothing is gained.
const FIRST_OCTET = 16;
const OCTETS = 235;

/**
 * The part of 127.0.0.0/8 that a sandbox gives its instances, and the ports on which their SSH and HTTP are
 * reached. The state
 * folder decides the addresses, so that two sandboxes side by side hardly ever meet.
 */
export async function resolveNetwork(stateDir: string): Promise<SandboxNetwork> {
  const secondOctet = FIRST_OCTET + (createHash('sha256').update(stateDir).digest().readUInt32BE() % OCTETS);
  const host = `127.${secondOctet}.0.1`;
  return {
    secondOctet,
    sshPort: (await isBindable(host, 22)) ? 22 : 2222,
    httpPort: (await isBindable(host, 80)) ? 80 : 8080,
  };
}

/** Below 1024 needs root, CAP_NET_BIND_SERVICE or a lower net.ipv4.ip_unprivileged_port_start. */
function isBindable(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
