import { join } from 'node:path';
import type { ResourceKind } from '../events.js';
import type { BuildImageRequest } from './build-request.js';
import type { BuildContext } from './context.js';
import type { RunTraces } from './find-traces.js';
import {
  continueJournal,
  createJournal,
  type Intention,
  type Journal,
  type JournalEntry,
  readJournal,
} from './journal.js';
import { createRunFolder } from './run-folder.js';
import { lockRun, type RunLock } from './run-lock.js';
import { collectTraces, type RunRecord } from './run-record.js';

/** One execution: its folder, its journal, and what is known of the things that it made. */
export interface Run {
  readonly id: string;
  /** Absolute; closed to other users. */
  readonly folder: string;
  readonly logFile: string;
  /** Milliseconds since the epoch; of the first attempt. */
  readonly startedAt: number;
  /** Writes down what is about to be asked for, before it is. */
  intend(intention: Intention): void;
  /** Writes down a resource as soon as its name is known. */
  learn(kind: ResourceKind, id: string): void;
  record(entry: JournalEntry): void;
  /** What to look for when cleaning up; undefined as long as nothing can have been made. */
  findTraces(): RunTraces | undefined;
  close(): void;
}

/** Creates the folder and the journal of a run. Errors: STATE_FOLDER_UNWRITABLE. */
export async function openRun(id: string, request: BuildImageRequest, context: BuildContext): Promise<Run> {
  const { image, endpoint, configFile, account, logFolder } = request;
  const { folder, journalFile, logFile } = await createRunFolder(id, context.environment, logFolder);
  const lock = lockRun(folder, { run: id, pid: context.pid });
  const journal = createJournal(journalFile, context.clock);
  journal.append({
    kind: 'started',
    run: id,
    image: image.name,
    region: image.region,
    builder: image.builder.type,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(configFile === undefined ? {} : { configFile }),
    ...(account === undefined ? {} : { account }),
  });
  const startedAt = context.clock.now();
  return createRun({ id, folder, logFile, startedAt, journal, lock, traces: undefined }, context);
}

/** Takes a run up where an earlier process left it. Errors: RUN_IS_ALIVE. */
export async function reopenRun({ id, folder, startedAt }: RunRecord, context: BuildContext): Promise<Run> {
  const lock = lockRun(folder, { run: id, pid: context.pid });
  const journalFile = join(folder, 'journal.jsonl');
  const records = await readJournal(journalFile);
  const journal = continueJournal(journalFile, context.clock, records);
  journal.append({ kind: 'resumed' });
  const logFile = join(folder, 'build.log');
  const traces = collectTraces(id, records);
  return createRun({ id, folder, logFile, startedAt: startedAt.getTime(), journal, lock, traces }, context);
}

interface OpenedRun extends Pick<Run, 'id' | 'folder' | 'logFile' | 'startedAt'> {
  readonly journal: Journal;
  readonly lock: RunLock;
  /** Of an earlier attempt. */
  readonly traces: RunTraces | undefined;
}

function createRun({ journal, lock, traces, ...run }: OpenedRun, context: BuildContext): Run {
  const learned = [...(traces?.learned ?? [])];
  let amiName = traces?.amiName;
  return {
    ...run,
    intend(intention) {
      amiName = intention.amiName;
      journal.append({ kind: 'intended', ...intention });
    },
    learn(kind, id) {
      if (learned.some((known) => known.kind === kind && known.id === id)) return;
      learned.push({ kind, id });
      journal.append({ kind: 'learned', resource: kind, id });
      context.emit('resource.created', { kind, id });
    },
    record: (entry) => journal.append(entry),
    findTraces: () => (amiName === undefined ? undefined : { run: run.id, amiName, learned }),
    close() {
      journal.close();
      lock.release();
    },
  };
}
