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
const LAST_WORDS_LENGTH = 1_000;

/** Starts QEMU with `folder` as its working folder. Error: SANDBOX_TOOL_MISSING, SANDBOX_MACHINE_START_FAILED. */
export async function startQemu(folder: string, args: readonly string[], program: string): Promise<ProcessIdentity> {
  const output = openSync(path.join(folder, InstanceFile.output), 'w', 0o600);
  try {
    const child = spawn(program, [...args], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', output, output],
    });
    child.unref();
    await once(child, 'spawn').catch((cause: unknown) => {
      throw createError('SANDBOX_TOOL_MISSING', [program], { cause });
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
  const said = readLastWords(folder);
  return createError('SANDBOX_MACHINE_START_FAILED', [path.basename(folder), said || 'QEMU ended without a word']);
}

/** What QEMU said last, on one line; warnings are left out, which it prints for healthy machines, too. Empty when it said nothing. */
export function readLastWords(folder: string): string {
  try {
    const lines = readFileSync(path.join(folder, InstanceFile.output), 'utf8').split('\n');
    const said = lines.filter((line) => line.trim() !== '' && !/^\S+: warning: /.test(line));
    return said.join(' ').slice(-LAST_WORDS_LENGTH).trim();
  } catch {
    return '';
  }
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
  if (!(await endBy('SIGTERM', identity, 5_000))) await killQemu(identity);
}

/** Ends the process at once. Nothing happens when it has gone. */
export async function killQemu(identity: ProcessIdentity): Promise<void> {
  await endBy('SIGKILL', identity, 10_000);
}

async function endBy(signal: NodeJS.Signals, identity: ProcessIdentity, limitMs: number): Promise<boolean> {
  if (!isSameProcessAlive(identity)) return true;
  try {
    kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  return await waitForExit(identity, limitMs, undefined);
}
