import type { MachineImage } from '../aws/ports.js';
import type { ResolvedImage } from '../config/resolved-config.js';
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
import type { RunReport } from './read-runs.js';
import type { Registration } from './register/registration.js';
import { createRunFolder, describeRunFolder, type RunFolder } from './run-folder.js';
import { lockRun, type RunLock } from './run-lock.js';

/** One execution: its folder, its journal, and what is known of the things that it made. */
export interface Run extends Omit<RunFolder, 'journalFile'> {
  readonly id: string;
  /** Milliseconds since the epoch; of the first attempt. */
  readonly startedAt: number;
  /** Writes down what is about to be asked for, before it is. */
  intend(intention: Intention): void;
  /** Resources that were written down and are not known to be gone. */
  listPresent(): RunTraces['learned'];
  /** Writes down a resource as soon as its name is known; `region` when it is not the run's own. */
  learn(kind: ResourceKind, id: string, region?: string): void;
  /** Writes down that a resource is gone. */
  forget(kind: ResourceKind, id: string, region?: string): void;
  /** Writes down, once, that others may use the image from now on: it is never removed any more. */
  publish(image: PublishedImage): void;
  findPublished(): PublishedImage | undefined;
  record(entry: JournalEntry): void;
  /** When something was made last, or was about to be, in milliseconds since the epoch. */
  findLastMade(): number;
  /** What to look for when cleaning up; undefined as long as nothing can have been made. */
  findTraces(): RunTraces | undefined;
  close(): void;
}

export type PublishedImage = Pick<MachineImage, 'id' | 'snapshotIds'>;

/** What a run is told of what it is for. */
export interface RunRequest extends Pick<BuildImageRequest, 'endpoint' | 'configFile' | 'account' | 'logFolder'> {
  readonly image: Pick<ResolvedImage, 'name' | 'region'> & Partial<Pick<ResolvedImage, 'builder' | 'profile'>>;
  readonly registration?: Registration;
}

/** Creates the folder and the journal of a run. Errors: STATE_FOLDER_UNWRITABLE. */
export async function openRun(id: string, request: RunRequest, context: BuildContext): Promise<Run> {
  const { image, endpoint, configFile, account, logFolder, registration } = request;
  const folder = await createRunFolder(id, context.environment, logFolder);
  const lock = lockRun(folder.folder, { run: id, pid: context.pid });
  const journal = createJournal(folder.journalFile, context.clock);
  journal.append({
    kind: 'started',
    run: id,
    image: image.name,
    region: image.region,
    ...(image.builder === undefined ? {} : { builder: image.builder.type }),
    ...(registration === undefined ? {} : { registration }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(image.profile === undefined ? {} : { profile: image.profile }),
    ...(configFile === undefined ? {} : { configFile }),
    ...(account === undefined ? {} : { account }),
  });
  const startedAt = context.clock.now();
  return createRun(
    { id, folder, startedAt, journal, lock, traces: undefined, published: undefined, present: [] },
    context,
  );
}

/** Takes a run up where an earlier process left it. Errors: RUN_IS_ALIVE. */
export async function reopenRun(report: RunReport, context: BuildContext): Promise<Run> {
  const { run: id, startedAt, traces, published } = report;
  const folder = describeRunFolder(report.folder);
  const lock = lockRun(report.folder, { run: id, pid: context.pid });
  const present = listPresent(report);
  const journal = continueJournal(folder.journalFile, context.clock, await readJournal(folder.journalFile));
  journal.append({ kind: 'resumed' });
  return createRun(
    { id, folder, startedAt: Date.parse(startedAt), journal, lock, traces, published, present },
    context,
  );
}

function listPresent({ resources }: RunReport): RunTraces['learned'] {
  return resources.flatMap(({ kind, id, region, state }) =>
    kind === 'unknown' || state === 'removed' ? [] : [{ kind, id, ...(region === undefined ? {} : { region }) }],
  );
}

interface OpenedRun extends Pick<Run, 'id' | 'startedAt'> {
  readonly folder: RunFolder;
  readonly journal: Journal;
  readonly lock: RunLock;
  /** Of an earlier attempt. */
  readonly traces: RunTraces | undefined;
  readonly published: PublishedImage | undefined;
  readonly present: RunTraces['learned'];
}

function createRun(opened: OpenedRun, context: BuildContext): Run {
  const { id, folder, startedAt, journal, lock, traces } = opened;
  const learned = [...(traces?.learned ?? [])];
  let present = [...opened.present];
  const copyRegions = new Set(traces?.copyRegions);
  let amiName = traces?.amiName;
  let { published } = opened;
  // What an earlier attempt made is older than that.
  let lastMade = context.clock.now();
  return {
    ...folder,
    id,
    startedAt,
    intend(intention) {
      amiName = intention.amiName;
      lastMade = context.clock.now();
      if (intention.operation === 'copy-image') copyRegions.add(intention.region);
      journal.append({ kind: 'intended', ...intention });
    },
    learn(kind, resourceId, region) {
      if (present.some((known) => known.kind === kind && known.id === resourceId)) return;
      const place = region === undefined ? {} : { region };
      lastMade = context.clock.now();
      if (!learned.some((known) => known.kind === kind && known.id === resourceId)) {
        learned.push({ kind, id: resourceId, ...place });
      }
      present.push({ kind, id: resourceId, ...place });
      journal.append({ kind: 'learned', resource: kind, id: resourceId, ...place });
      context.emit('resource.created', { kind, id: resourceId, ...place });
    },
    listPresent: () => present,
    forget(kind, resourceId, region) {
      present = present.filter((known) => known.kind !== kind || known.id !== resourceId);
      const place = region === undefined ? {} : { region };
      journal.append({ kind: 'removed', resource: kind, id: resourceId, ...place });
      context.emit('resource.removed', { kind, id: resourceId, ...place });
    },
    publish({ id: amiId, snapshotIds }) {
      if (published === undefined) journal.append({ kind: 'published', amiId, snapshotIds });
      published = { id: amiId, snapshotIds };
    },
    findPublished: () => published,
    record: (entry) => journal.append(entry),
    findLastMade: () => lastMade,
    findTraces: () =>
      amiName === undefined ? undefined : { run: id, startedAt, amiName, learned, copyRegions: [...copyRegions] },
    close() {
      journal.close();
      lock.release();
    },
  };
}
