// What the journal of a run says of it, for those who come after: `runs`, `resume` and `reap`.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuilderType } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import type { ResourceKind } from '../events.js';
import type { BuildContext } from './context.js';
import type { RunTraces } from './find-traces.js';
import { type JournalRecord, readJournal } from './journal.js';
import { findStateFolder } from './run-folder.js';
import { findHolder } from './run-lock.js';

export interface RunRecord {
  readonly id: string;
  readonly folder: string;
  readonly image: string;
  readonly region: string;
  /** Absolute; undefined for a run of an older buildimg. */
  readonly configFile: string | undefined;
  /** Endpoint other than AWS's; the sandbox's. */
  readonly endpoint: string | undefined;
  /** Account that everything of it is in; undefined when nobody could say. */
  readonly account: string | undefined;
  readonly builder: BuilderType | undefined;
  readonly startedAt: Date;
  /** `dead`: its process ended without a word. `left`: it ended and could not remove everything. */
  readonly state: 'running' | 'dead' | 'left' | 'built' | 'unchanged' | 'failed' | 'interrupted';
  readonly amiId: string | undefined;
  /** Undefined as long as nothing can have been made. */
  readonly traces: RunTraces | undefined;
}

/** Every run of this user, oldest first. A folder without a readable journal is none. */
export async function listRuns(environment: BuildContext['environment']): Promise<readonly RunRecord[]> {
  const folder = join(findStateFolder(environment), 'runs');
  const names = await readdir(folder).catch(() => []);
  const runs = await Promise.all(names.toSorted().map((name) => readRun(join(folder, name)).catch(() => undefined)));
  return runs.filter((run) => run !== undefined);
}

/** Errors: RUN_UNKNOWN. */
export async function findRun(id: string, environment: BuildContext['environment']): Promise<RunRecord> {
  const found = (await listRuns(environment)).find((run) => run.id === id);
  if (found === undefined) throw createError('RUN_UNKNOWN', [id, join(findStateFolder(environment), 'runs')]);
  return found;
}

async function readRun(folder: string): Promise<RunRecord | undefined> {
  const records = await readJournal(join(folder, 'journal.jsonl'));
  const started = records.find((record) => record.kind === 'started');
  if (started === undefined) return undefined;
  const finished = records.findLast((record) => record.kind === 'finished');
  return {
    id: started.run,
    folder,
    image: started.image,
    region: started.region,
    configFile: started.configFile,
    endpoint: started.endpoint,
    account: started.account,
    builder: started.builder,
    startedAt: new Date(started.time),
    state: findState(folder, records),
    amiId: finished?.amiId,
    traces: collectTraces(started.run, records),
  };
}

function findState(folder: string, records: readonly JournalRecord[]): RunRecord['state'] {
  if (findHolder(folder) !== undefined) return 'running';
  // A run that was taken up again says `resumed`; what an earlier attempt of it came to does not count then.
  const latest = records.slice(records.findLastIndex(({ kind }) => kind === 'resumed') + 1);
  const finished = latest.findLast((record) => record.kind === 'finished');
  if (finished === undefined) return 'dead';
  return latest.some(({ kind }) => kind === 'left') ? 'left' : finished.outcome;
}

/** What to look for in EC2. */
export function collectTraces(run: string, records: readonly JournalRecord[]): RunTraces | undefined {
  const intended = records.findLast((record) => record.kind === 'intended');
  if (intended === undefined) return undefined;
  const learned = records.flatMap((record): { readonly kind: ResourceKind; readonly id: string }[] =>
    record.kind === 'learned' ? [{ kind: record.resource, id: record.id }] : [],
  );
  return { run, amiName: intended.amiName, learned };
}
