// Who works on a run: one process at a time. A lock whose process is gone does not count.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createError } from '../errors.js';
import { isSameProcessAlive, type ProcessIdentity, readProcessIdentity } from '../process-identity.js';
import { hasErrorCode } from './has-error-code.js';

const FILE = 'lock';

export interface RunLock {
  release(): void;
}

/** Takes the run in `folder` for the process `pid`. Errors: RUN_IS_ALIVE when another process has it. */
export function lockRun(folder: string, { run, pid }: { readonly run: string; readonly pid: number }): RunLock {
  const file = join(folder, FILE);
  // Complete before it has the name: who reads it reads all of it.
  const own = join(folder, `${FILE}.${pid}`);
  writeFileSync(own, `${JSON.stringify(readProcessIdentity(pid) ?? { pid })}\n`, { mode: 0o600 });
  try {
    while (!linkUnlessThere(own, file)) {
      const holder = readHolder(file);
      if (holder !== undefined && holder.pid !== pid) throw createError('RUN_IS_ALIVE', [run, holder.pid]);
      takeAway(file, { aside: join(folder, `${FILE}.${pid}.old`), pid });
    }
  } finally {
    rmSync(own, { force: true });
  }
  return { release: () => rmSync(file, { force: true }) };
}

/** The living process that works on the run in `folder`. */
export function findHolder(folder: string): ProcessIdentity | undefined {
  return readHolder(join(folder, FILE));
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    const identity = JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
    return isSameProcessAlive(identity) ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** True when it did. Of any number of processes that do it at once, one succeeds. */
function linkUnlessThere(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** A dead lock, or one of the process itself, goes. One that another has put there since it was looked at is put back. */
function takeAway(file: string, { aside, pid }: { readonly aside: string; readonly pid: number }): void {
  try {
    renameSync(file, aside);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return;
    throw error;
  }
  const holder = readHolder(aside);
  if (holder !== undefined && holder.pid !== pid) linkUnlessThere(aside, file);
  rmSync(aside, { force: true });
}
