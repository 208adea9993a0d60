// Who works on a run: one process at a time. A lock whose process is gone does not count.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createError } from '../errors.js';
import { isSameProcessAlive, type ProcessIdentity, readProcessIdentity } from '../process-identity.js';

const FILE = 'lock';

export interface RunLock {
  release(): void;
}

/** Takes the run in `folder` for the process `pid`. Errors: RUN_IS_ALIVE when another process has it. */
export function lockRun(folder: string, { run, pid }: { readonly run: string; readonly pid: number }): RunLock {
  const holder = findHolder(folder);
  if (holder !== undefined && holder.pid !== pid) throw createError('RUN_IS_ALIVE', [run, holder.pid]);
  const file = join(folder, FILE);
  // Two processes that find a dead lock at the same moment: the second to write fails on the first one's file.
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(readProcessIdentity(pid) ?? { pid })}\n`, { mode: 0o600, flag: 'wx' });
  return { release: () => rmSync(file, { force: true }) };
}

/** The living process that works on the run in `folder`. */
export function findHolder(folder: string): ProcessIdentity | undefined {
  try {
    const identity = JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as ProcessIdentity;
    return isSameProcessAlive(identity) ? identity : undefined;
  } catch {
    return undefined;
  }
}
