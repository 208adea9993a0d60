// What can be seen of a guest's boot from outside: its serial console, and its sshd's banner.

import { stat } from 'node:fs/promises';
import { type SshAddress, waitForSshBanner } from './ssh-banner.js';

export interface BootLimits {
  /** How long a guest that is run with KVM may take to show a sign of life before it is started again without. */
  readonly lifeMs: number;
  /** How long a guest may take to print its first character. */
  readonly silenceMs: number;
  /** How long it may take to let anybody in; longer than `silenceMs`. */
  readonly bannerMs: number;
}

/** Emulated on a crowded host, about one boot in fifty spins before its kernel prints anything, and never gets further. */
export const BOOT_LIMITS: BootLimits = { lifeMs: 60_000, silenceMs: 4 * 60_000, bannerMs: 10 * 60_000 };

export interface Boot {
  readonly address: SshAddress;
  /** What the guest prints; exists from the start. */
  readonly consoleFile: string;
  /** Presses the reset button. */
  readonly reset: () => Promise<unknown>;
  readonly limits: Pick<BootLimits, 'silenceMs' | 'bannerMs'>;
  readonly signal: AbortSignal;
}

/**
 * Resolves when the machine counts as running: true when its sshd answers, false when the time for that is over, since a
 * machine whose image has no sshd runs too. One that prints nothing is reset once. Throws the signal's reason when aborted.
 */
export async function watchBoot({ address, consoleFile, reset, limits, signal }: Boot): Promise<boolean> {
  const { silenceMs, bannerMs } = limits;
  if (await waitForSshBanner(address, silenceMs, signal)) return true;
  if (await isSilent(consoleFile)) await reset();
  return await waitForSshBanner(address, bannerMs - silenceMs, signal);
}

/** A restarted machine's console goes on where it was, so only a first boot is ever silent. */
async function isSilent(consoleFile: string): Promise<boolean> {
  const { size } = await stat(consoleFile);
  return size === 0;
}
