import type { ResourceKind } from '../events.js';
import type { BuildImageRequest } from './build-request.js';
import type { BuildContext } from './context.js';
import type { RunTraces } from './find-traces.js';
import { createJournal, type Intention, type JournalEntry } from './journal.js';
import { createRunFolder } from './run-folder.js';

/** One execution: its folder, its journal, and what is known of the things that it made. */
export interface Run {
  readonly id: string;
  /** Absolute; closed to other users. */
  readonly folder: string;
  readonly logFile: string;
  /** Milliseconds since the epoch. */
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

/** Creates the folder and the journal of a run. */
export async function openRun(id: string, request: BuildImageRequest, context: BuildContext): Promise<Run> {
  const folder = await createRunFolder(id, context.environment, request.logFolder);
  const journal = createJournal(folder.journalFile, context.clock);
  const learned: { readonly kind: ResourceKind; readonly id: string }[] = [];
  let intendedName: string | undefined;
  journal.append({
    kind: 'started',
    run: id,
    image: request.image.name,
    region: request.image.region,
    ...(request.endpoint === undefined ? {} : { endpoint: request.endpoint }),
  });
  return {
    id,
    folder: folder.folder,
    logFile: folder.logFile,
    startedAt: context.clock.now(),
    intend(intention) {
      intendedName = intention.amiName;
      journal.append({ kind: 'intended', ...intention });
    },
    learn(kind, resourceId) {
      learned.push({ kind, id: resourceId });
      journal.append({ kind: 'learned', resource: kind, id: resourceId });
      context.emit('resource.created', { kind, id: resourceId });
    },
    record: (entry) => journal.append(entry),
    findTraces: () => (intendedName === undefined ? undefined : { run: id, amiName: intendedName, learned }),
    close: () => journal.close(),
  };
}
