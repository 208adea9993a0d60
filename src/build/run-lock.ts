// Who works on a run: one process at a time. A lock whose process is gone does not count; one that cannot be judged from here,
// as that of another container or host, does.
import { createHash } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createError } from '../errors.js';
import { judgeProcess, type ProcessIdentity, readProcessIdentity } from '../process-identity.js';
import { hasErrorCode } from './has-error-code.js';

const FILE = 'lock';

export interface RunLock {
  release(): void;
}

/** Who has a run, as far as it can be told from here. */
export interface RunHolder {
  readonly state: 'alive' | 'unknown';
  /** Undefined: the lock cannot be read. */
  readonly process: ProcessIdentity | undefined;
}

/**
 * Takes the run in `folder` for the process `pid`.
 * Errors: RUN_IS_ALIVE when another process has it; RUN_OWNER_UNKNOWN when that cannot be told.
 */
export function lockRun(folder: string, { run, pid }: { readonly run: string; readonly pid: number }): RunLock {
  return takeRun(folder, { run, pid, isFree: (holder) => holder === undefined });
}

/**
 * Removes the lock of a run whose holder cannot be judged from here, because a person says that it has ended.
 * Errors: RUN_IS_ALIVE.
 */
export function giveUpLock(folder: string, { run, pid }: { readonly run: string; readonly pid: number }): void {
  takeRun(folder, { run, pid, isFree: (holder) => holder?.state !== 'alive' }).release();
}

interface Taking {
  readonly run: string;
  readonly pid: number;
  readonly isFree: (holder: RunHolder | undefined) => boolean;
}

function takeRun(folder: string, { run, pid, isFree }: Taking): RunLock {
  const file = join(folder, FILE);
  const text = `${JSON.stringify(readProcessIdentity(pid) ?? { pid })}\n`;
  // Complete before it has the name: who reads it reads all of it.
  const own = `${file}.${digestOf(text)}.own`;
  writeFileSync(own, text, { mode: 0o600, flush: true });
  try {
    takeFile(file, {
      own,
      text,
      assertFree(holder) {
        if (!isFree(holder)) throw refuse(run, holder as RunHolder, file);
      },
    });
  } finally {
    rmSync(own, { force: true });
  }
  return { release: () => rmSync(file, { force: true }) };
}

interface OwnLock {
  /** File with `text`, the identity of this process. */
  readonly own: string;
  readonly text: string;
  readonly assertFree: (holder: RunHolder | undefined) => void;
}

/**
 * Puts the own lock in the place of `file`. An abandoned lock is replaced, never removed: whoever replaces it has to have the
 * place beside it first, which is named by what the abandoned one says. So of any number of processes one gets it, and a
 * process that is slow cannot take away what another has put there since.
 */
function takeFile(file: string, lock: OwnLock): void {
  while (!linkUnlessThere(lock.own, file)) {
    const there = readLock(file);
    if (there === undefined) continue;
    if (there.text === lock.text) return;
    lock.assertFree(there.holder);
    const beside = `${file}.${digestOf(there.text)}`;
    takeFile(beside, lock);
    if (readLock(file)?.text === there.text) {
      renameSync(beside, file);
      return;
    }
    rmSync(beside, { force: true });
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Who works on the run in `folder`; undefined when nobody does. */
export function findHolder(folder: string): RunHolder | undefined {
  return readLock(join(folder, FILE))?.holder;
}

/** `process 4711 of build-host`, for a person. */
export function describeHolder({ process }: RunHolder): string {
  if (process === undefined) return 'a process that its lock does not name';
  return `process ${process.pid}${process.host === undefined ? '' : ` of ${process.host.name}`}`;
}

function refuse(run: string, holder: RunHolder, file: string): Error {
  if (holder.state === 'alive') return createError('RUN_IS_ALIVE', [run, holder.process?.pid ?? 0]);
  return createError('RUN_OWNER_UNKNOWN', [run, describeHolder(holder), file]);
}

interface FoundLock {
  readonly text: string;
  /** Undefined: whoever had it has gone. */
  readonly holder: RunHolder | undefined;
}

function readLock(file: string): FoundLock | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    return { text: '', holder: { state: 'unknown', process: undefined } };
  }
  const process = parseIdentity(text);
  const state = process === undefined ? 'unknown' : judgeProcess(process);
  return { text, holder: state === 'gone' ? undefined : { state, process } };
}

function parseIdentity(text: string): ProcessIdentity | undefined {
  try {
    const value = JSON.parse(text) as Partial<ProcessIdentity> | undefined;
    return Number.isInteger(value?.pid) ? (value as ProcessIdentity) : undefined;
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
