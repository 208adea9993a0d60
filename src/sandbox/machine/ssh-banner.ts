// Whether a guest's sshd answers. slirp accepts a connection before the guest does, so only the banner counts.

import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SshAddress {
  readonly host: string;
  readonly port: number;
}

const POLL_INTERVAL_MS = 200;
/** A guest that is still booting drops the packet; slirp then holds the connection open for much longer than this. */
const ATTEMPT_TIMEOUT_MS = 2_000;

/** Resolves true at the first banner, false after `limitMs`; throws the signal's reason when aborted. */
export async function waitForSshBanner(address: SshAddress, limitMs: number, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.timeout(limitMs);
  while (!limit.aborted) {
    signal.throwIfAborted();
    if (await hasSshBanner(address)) return true;
    await sleep(POLL_INTERVAL_MS, undefined, { signal });
  }
  return false;
}

function hasSshBanner({ host, port }: SshAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (isSeen: boolean) => {
      socket.destroy();
      resolve(isSeen);
    };
    socket.setTimeout(ATTEMPT_TIMEOUT_MS, () => finish(false));
    socket.once('data', (bytes) => finish(bytes.toString('latin1').startsWith('SSH-')));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}
