import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcessAlive, type ProcessIdentity } from '../../process-identity.js';
import { startFailure } from './qemu-process.js';
import { connectQmp, type QmpClient } from './qmp-client.js';

const LIMIT_MS = 15_000;
const RETRY_INTERVAL_MS = 20;

export interface StartedQemu {
  readonly identity: ProcessIdentity | undefined;
  /** The instance's folder. */
  readonly folder: string;
  readonly socketFile: string;
  readonly signal: AbortSignal;
}

/** Waits until QEMU's control socket answers. Errors: SANDBOX_MACHINE_START_FAILED when QEMU ends, SANDBOX_QMP_FAILED. */
export async function connectQemu({ identity, folder, socketFile, signal }: StartedQemu): Promise<QmpClient> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  for (;;) {
    signal.throwIfAborted();
    if (identity === undefined || !isSameProcessAlive(identity)) throw startFailure(folder);
    try {
      return await connectQmp(socketFile);
    } catch (error) {
      if (limit.aborted) throw error;
      await sleep(RETRY_INTERVAL_MS);
    }
  }
}
