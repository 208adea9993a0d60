// Whether a guest has come to life: a process of its own has done something that can be seen from outside, whatever its image
// is. What firmware, boot loader and kernel print does not count, for guests hang right after it where KVM is only half there.

import { setTimeout as sleep } from 'node:timers/promises';
import type { QmpClient } from './qmp-client.js';

export interface LifeWatch {
  readonly qmp: QmpClient;
  /** Signs that others see: the metadata service, sshd's banner. */
  readonly isSeenAlive: () => boolean;
  /** Undefined: wait for as long as the machine runs. */
  readonly limitMs: number | undefined;
  readonly signal: AbortSignal;
}

/** `halted`: KVM could not go on with the guest's processor, and QEMU has stopped it for ever. */
export type LifeOutcome = 'alive' | 'silent' | 'halted';

const POLL_INTERVAL_MS = 500;

/** Throws the signal's reason when aborted, and SANDBOX_QMP_FAILED when QEMU ends. */
export async function waitForLife({ qmp, isSeenAlive, limitMs, signal }: LifeWatch): Promise<LifeOutcome> {
  const limit = limitMs === undefined ? undefined : AbortSignal.timeout(limitMs);
  for (;;) {
    if (isSeenAlive() || (await hasWritten(qmp))) return 'alive';
    if (await isHalted(qmp)) return 'halted';
    if (limit?.aborted === true) return 'silent';
    await sleep(POLL_INTERVAL_MS, undefined, { signal });
  }
}

/** QEMU does not end when KVM reports an internal error: the guest stays where it is. */
export async function isHalted(qmp: QmpClient): Promise<boolean> {
  const { status } = (await qmp.execute('query-status')) as { readonly status?: string };
  return status === 'internal-error';
}

/** A boot loader only reads, and a kernel mounts its root read-only: the first to write is a process. */
async function hasWritten(qmp: QmpClient): Promise<boolean> {
  const devices = (await qmp.execute('query-blockstats')) as readonly BlockStatistics[];
  return devices.some(({ stats }) => (stats?.wr_operations ?? 0) > 0);
}

interface BlockStatistics {
  readonly stats?: { readonly wr_operations?: number };
}
