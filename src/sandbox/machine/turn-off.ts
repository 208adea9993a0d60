// The ways in which a running machine is turned off or reset. Each resolves when the process has gone, or the guest was reset.

import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity } from '../../process-identity.js';
import { requestGuestReboot } from './guest-agent.js';
import { endQemu, waitForExit } from './qemu-process.js';
import type { QmpClient } from './qmp-client.js';

export interface RunningQemu {
  readonly identity: ProcessIdentity;
  /** Undefined when QEMU cannot be talked to: it is then ended from outside. */
  readonly qmp: QmpClient | undefined;
  readonly signal: AbortSignal;
}

const POWER_DOWN_LIMIT_MS = 90_000;
/** A guest that is still booting ignores the power button, so it is pressed again. */
const POWER_BUTTON_INTERVAL_MS = 5_000;
const REBOOT_LIMIT_MS = 60_000;
const QUIT_LIMIT_MS = 5_000;

/** Asks the guest to power down, and turns it off when it has not done so in time. */
export async function powerDown({ identity, qmp, signal }: RunningQemu): Promise<void> {
  const limit = AbortSignal.timeout(POWER_DOWN_LIMIT_MS);
  while (!limit.aborted) {
    await qmp?.execute('system_powerdown').catch(() => undefined);
    if (await waitForExit(identity, POWER_BUTTON_INTERVAL_MS, signal)) return;
  }
  await turnOff({ identity, qmp, signal });
}

export async function turnOff({ identity, qmp, signal }: RunningQemu): Promise<void> {
  await qmp?.execute('quit').catch(() => undefined);
  await waitUntilGone(identity, signal);
}

/** For a process that ends by itself, but not for ever. */
export async function waitUntilGone(identity: ProcessIdentity, signal: AbortSignal): Promise<void> {
  if (!(await waitForExit(identity, QUIT_LIMIT_MS, signal))) await endQemu(identity);
}

/** By the agent in the guest, or else by the reset button. */
export async function reboot(qmp: QmpClient, agentSocket: string, signal: AbortSignal): Promise<void> {
  const isOver = new Promise<true>((resolve) => {
    qmp.onEvent(({ event }) => event === 'RESET' && resolve(true));
    qmp.onClose(() => resolve(true));
  });
  const isTold = await requestGuestReboot(agentSocket);
  const limit = sleep(isTold ? REBOOT_LIMIT_MS : 0, false, { signal });
  if (!(await Promise.race([isOver, limit]))) await qmp.execute('system_reset');
}
