// What earlier runs wrote down, for whoever asks afterwards. Reads only.
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuilderType } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import type { ResourceKind } from '../events.js';
import { closeFolder } from '../private-folder.js';
import type { BuildContext } from './context.js';
import type { RunTraces } from './find-traces.js';
import { hasErrorCode } from './has-error-code.js';
import type { JournalEntry, JournalRecord } from './journal.js';
import { type JournalContent, mayHidePublication, parseJournal } from './parse-journal.js';
import type { Registration } from './register/registration.js';
import type { RunFailure } from './run-failure.js';
import { describeRunFolder, findStateFolder } from './run-folder.js';
import { describeHolder, findHolder, giveUpLock } from './run-lock.js';

export interface RunResource {
  readonly kind: ResourceKind | 'unknown';
  readonly id: string;
  /** Where it is, when that is not the region of the run. */
  readonly region?: string;
  /** `there`: nobody has removed it, as it should be for the AMI of a build that went well. */
  readonly state: 'there' | 'removed' | 'left';
  /** Why it is left. */
  readonly reason?: string;
}

export interface RunReport {
  readonly run: string;
  /** `?` where it cannot be read. */
  readonly image: string;
  /** Empty where it cannot be read. */
  readonly region: string;
  /** Another endpoint than AWS's. */
  readonly endpoint?: string;
  /** Of the AWS CLI, whose account it is. */
  readonly profile?: string;
  readonly builder?: BuilderType;
  /** Account that everything of it is in; undefined when nobody could say. */
  readonly account?: string;
  /** Absolute. */
  readonly configFile?: string;
  /** Set when it registers a disk image. */
  readonly registration?: Registration;
  /**
   * `dead`: its process ended without a chance to clean up. `unknown`: whether it goes on cannot be told from here, as on
   * another host that shares the state folder, so that it counts as running.
   */
  readonly state: 'running' | 'unknown' | 'dead' | 'built' | 'unchanged' | 'failed' | 'interrupted';
  /** Of a run whose state is unknown: who had it, `process 4711 of build-host`. */
  readonly owner?: string;
  /** What to look for in EC2; undefined as long as nothing can have been made. */
  readonly traces?: RunTraces;
  /** ISO 8601, UTC; both. */
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly amiName?: string;
  readonly amiId?: string;
  /** Why it failed; undefined for other runs, and for one whose process ended without a word. */
  readonly failure?: RunFailure;
  /** Others may use it since the run got that far: it stays. */
  readonly published?: { readonly id: string; readonly snapshotIds: readonly string[] };
  readonly resources: readonly RunResource[];
  /** Lines of the journal that cannot be read, from 1; without the first one, image and region are not known. */
  readonly damagedLines: readonly number[];
  /** One of these lines may have said that others use the image: then it stays. */
  readonly mayBePublished: boolean;
  readonly folder: string;
  /** Packer's, where it lies in the folder of the run. */
  readonly logFile?: string;
  readonly records: readonly JournalRecord[];
}

type Environment = BuildContext['environment'];

/** Every run of this user, the newest first; one of whose journal nothing was written is left out. */
export async function listRuns(environment: Environment): Promise<readonly RunReport[]> {
  const runs: RunReport[] = [];
  for (const run of await listRunIds(environment)) {
    const report = await findRun(run, environment);
    if (report !== undefined) runs.push(report);
  }
  return runs;
}

/** The run called `run`. Throws RUN_UNKNOWN. */
export async function getRun(run: string, environment: Environment): Promise<RunReport> {
  const known = await listRunIds(environment);
  const report = known.includes(run) ? await findRun(run, environment) : undefined;
  if (report === undefined) throw createError('RUN_UNKNOWN', [run, join(findStateFolder(environment), 'runs')]);
  return report;
}

/**
 * The run called `run`, of which a person says that it has ended where that cannot be told; `pid` is this process.
 * Errors: RUN_UNKNOWN, RUN_IS_ALIVE.
 */
export async function getEndedRun(run: string, environment: Environment, pid: number): Promise<RunReport> {
  const { folder } = await getRun(run, environment);
  giveUpLock(folder, { run, pid });
  return await getRun(run, environment);
}

/** Their names begin with the time. */
async function listRunIds(environment: Environment): Promise<readonly string[]> {
  const folder = join(findStateFolder(environment), 'runs');
  // What a journal says is removed from the account, so nobody else may have written it.
  for (const each of [findStateFolder(environment), folder]) closeFolder(each);
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => name.startsWith('r-'))
      .toSorted()
      .toReversed();
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function findRun(run: string, environment: Environment): Promise<RunReport | undefined> {
  const folder = join(findStateFolder(environment), 'runs', run);
  const journal = await readContent(join(folder, 'journal.jsonl'));
  if (journal === undefined) return undefined;
  const { records, damagedLines } = journal;
  const started = findRecord(records, 'started') ?? assumeStart(run, records);
  // A run that was taken up again says so; what an earlier attempt of it came to does not count then.
  const latest = records.slice(records.findLastIndex(({ kind }) => kind === 'resumed') + 1);
  const finished = findRecord(latest, 'finished');
  const traces = collectTraces(started, journal);
  const published = findRecord(records, 'published');
  const amiId = finished?.amiId ?? published?.amiId;
  const { logFile } = describeRunFolder(folder);
  return {
    run,
    ...describeStart(started),
    ...findState(folder, latest),
    ...(finished === undefined ? {} : { finishedAt: finished.time }),
    ...(traces?.amiName === undefined ? {} : { amiName: traces.amiName }),
    ...(traces === undefined ? {} : { traces }),
    ...(amiId === undefined ? {} : { amiId }),
    ...(finished?.failure === undefined ? {} : { failure: finished.failure }),
    ...(published === undefined ? {} : { published: { id: published.amiId, snapshotIds: published.snapshotIds } }),
    resources: listResources(records),
    damagedLines,
    mayBePublished: mayHidePublication(journal),
    folder,
    ...((await isThere(logFile)) ? { logFile } : {}),
    records,
  };
}

function describeStart({
  image,
  region,
  endpoint,
  profile,
  builder,
  account,
  configFile,
  registration,
  time,
}: StartRecord): Pick<
  RunReport,
  'image' | 'region' | 'endpoint' | 'profile' | 'builder' | 'account' | 'configFile' | 'registration' | 'startedAt'
> {
  return {
    image,
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    ...(builder === undefined ? {} : { builder }),
    ...(account === undefined ? {} : { account }),
    ...(configFile === undefined ? {} : { configFile }),
    ...(registration === undefined ? {} : { registration }),
    startedAt: time,
  };
}

/** Undefined when there is nothing in it: then nothing was made. */
async function readContent(file: string): Promise<JournalContent | undefined> {
  try {
    const journal = parseJournal(await readFile(file, 'utf8'));
    return journal.records.length + journal.damagedLines.length === 0 ? undefined : journal;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    return { records: [], damagedLines: [1] };
  }
}

/** What is known of a run whose first line cannot be read: its time, which is in its name too. */
function assumeStart(run: string, records: readonly JournalRecord[]): StartRecord {
  const [, ...digits] = /^r-(\d{4})(\d{2})(\d{2})t(\d{2})(\d{2})(\d{2})/.exec(run) ?? [];
  const [year, month, day, hour, minute, second] = digits;
  const named = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const time = Number.isNaN(Date.parse(named)) ? (records[0]?.time ?? new Date(0).toISOString()) : named;
  return { kind: 'started', run, image: '?', region: '', sequence: 1, time };
}

function findState(folder: string, records: readonly JournalRecord[]): Pick<RunReport, 'state' | 'owner'> {
  const holder = findHolder(folder);
  if (holder?.state === 'alive') return { state: 'running' };
  if (holder !== undefined) return { state: 'unknown', owner: describeHolder(holder) };
  return { state: findRecord(records, 'finished')?.outcome ?? 'dead' };
}

type StartRecord = Extract<JournalRecord, { readonly kind: 'started' }>;

/** Undefined when nothing was about to be made yet; where that may be in a line that cannot be read, the run's tag leads on. */
function collectTraces({ run, time }: StartRecord, { records, damagedLines }: JournalContent): RunTraces | undefined {
  const intended = records.filter((record) => record.kind === 'intended');
  const last = intended.at(-1);
  if (last === undefined && damagedLines.length === 0) return undefined;
  // What was removed may have left something that only its id leads to: a snapshot of an image.
  const learned = records.flatMap((record): RunTraces['learned'] =>
    record.kind === 'learned' || record.kind === 'removed'
      ? [{ kind: record.resource, id: record.id, ...regionOf(record) }]
      : [],
  );
  const copies = intended.flatMap((record) => (record.operation === 'copy-image' ? [record.region] : []));
  const amiName = last === undefined ? {} : { amiName: last.amiName };
  return { run, startedAt: Date.parse(time), ...amiName, learned, copyRegions: [...new Set(copies)] };
}

function findRecord<K extends JournalEntry['kind']>(records: readonly JournalRecord[], kind: K) {
  return records.find((record): record is Extract<JournalRecord, { readonly kind: K }> => record.kind === kind);
}

/** In the order in which they were learned of; the last word about each counts. */
function listResources(records: readonly JournalRecord[]): readonly RunResource[] {
  const resources = new Map<string, RunResource>();
  for (const record of records) {
    if (record.kind === 'learned' || record.kind === 'removed' || record.kind === 'left') {
      const { resource: kind, id } = record;
      const state = record.kind === 'learned' ? 'there' : record.kind;
      const reason = record.kind === 'left' ? { reason: record.reason } : {};
      const region = regionOf(record);
      resources.set(`${kind} ${id} ${region.region ?? ''}`, { kind, id, ...region, state, ...reason });
    }
  }
  return [...resources.values()];
}

function regionOf({ region }: { readonly region?: string }): { readonly region?: string } {
  return region === undefined ? {} : { region };
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
