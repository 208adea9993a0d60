// Starts and ends QEMU. The process has its own session and writes to files, so it outlives the server that started it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createError } from '../../errors.js';
import type { ProcessIdentity } from '../../process-identity.js';
import { isSameProcessAlive, readProcessIdentity } from '../../process-identity.js';
import { InstanceFile } from './qemu-arguments.js';

const POLL_INTERVAL_MS = 50;

/** Starts QEMU with `folder` as its working folder. Error: SANDBOX_TOOL_MISSING, SANDBOX_MACHINE_START_FAILED. */
export async function startQemu(folder: string, args: readonly string[]): Promise<ProcessIdentity> {
  const output = openSync(path.join(folder, InstanceFile.output), 'w', 0o600);
  try {
    const child = spawn('qemu-system-x86_64', [...args], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', output, output],
    });
    child.unref();
    await once(child, 'spawn').catch((cause: unknown) => {
      throw createError('SANDBOX_TOOL_MISSING', ['qemu-system-x86_64'], { cause });
    });
    const identity = child.pid === undefined ? undefined : readProcessIdentity(child.pid);
    if (identity === undefined) throw startFailure(folder);
    return identity;
  } finally {
    closeSync(output);
  }
}

/** The error for a machine whose process ended at once, with what QEMU said. */
export function startFailure(folder: string): Error {
  const said = readFileSync(path.join(folder, InstanceFile.output), 'utf8').slice(-2_000);
  return createError('SANDBOX_MACHINE_START_FAILED', [path.basename(folder), said]);
}

/** The QEMU of a folder whose record does not name one yet: its server died between its start and the record. */
export function findUnrecordedQemu(folder: string): ProcessIdentity | undefined {
  try {
    const pid = Number(readFileSync(path.join(folder, InstanceFile.pid), 'latin1').trim());
    const isOurs = readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder);
    return isOurs ? readProcessIdentity(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** True as soon as the process has gone, false after `limitMs`. Throws the signal's reason when aborted. */
export async function waitForExit(
  identity: ProcessIdentity,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const limit = AbortSignal.timeout(limitMs);
  while (isSameProcessAlive(identity)) {
    signal?.throwIfAborted();
    if (limit.aborted) return false;
    await sleep(POLL_INTERVAL_MS);
  }
  return true;
}

/** Ends the process: SIGTERM, on which QEMU flushes its disks, then SIGKILL. Nothing happens when it has gone. */
export async function endQemu(identity: ProcessIdentity): Promise<void> {
  for (const [signal, limitMs] of [
    ['SIGTERM', 5_000],
    ['SIGKILL', 10_000],
  ] as const) {
    if (!isSameProcessAlive(identity)) return;
    try {
      kill(identity.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    if (await waitForExit(identity, limitMs, undefined)) return;
  }
}
