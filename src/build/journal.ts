// What a run writes down, so that it can be cleaned up after whoever ran it is gone: the intent before packer starts,
// and every resource as soon as its name is known. Append-only JSON lines, on the disk before the run goes on.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.js';
import type { BuilderType } from '../config/resolved-config.js';
import type { ResourceKind } from '../events.js';
import { dropTornLine } from './drop-torn-line.js';
import { parseJournal } from './parse-journal.js';
import type { Registration } from './register/registration.js';
import type { RunFailure } from './run-failure.js';

export type JournalEntry =
  | {
      readonly kind: 'started';
      readonly run: string;
      readonly image: string;
      readonly region: string;
      /** Endpoint other than AWS's, for example the sandbox's. */
      readonly endpoint?: string;
      /** Of the AWS CLI, whose account it is. */
      readonly profile?: string;
      /** Account that the run works in; asked for before anything is made. */
      readonly account?: string;
      /** Absolute. */
      readonly configFile?: string;
      readonly builder?: BuilderType;
      /** Set when the run registers a disk image instead of building. */
      readonly registration?: Registration;
    }
  /** Another process has taken the run up. */
  | { readonly kind: 'resumed' }
  | ({ readonly kind: 'intended' } & Intention)
  | ({ readonly kind: 'learned' } & JournalledResource)
  | ({ readonly kind: 'removed' } & JournalledResource)
  | ({ readonly kind: 'left'; readonly reason: string } & JournalledResource<ResourceKind | 'unknown'>)
  /** From here on others may use the image: it is never removed any more, whatever becomes of the run. */
  | { readonly kind: 'published'; readonly amiId: string; readonly snapshotIds: readonly string[] }
  | {
      readonly kind: 'finished';
      readonly outcome: 'built' | 'unchanged' | 'failed' | 'interrupted';
      readonly amiId?: string;
      /** Of one that is `failed` or `interrupted`. */
      readonly failure?: RunFailure;
    };

interface JournalledResource<K = ResourceKind> {
  readonly resource: K;
  readonly id: string;
  /** Undefined: that of the run. */
  readonly region?: string;
}

/** Written before the call is made; from here on its effect may exist in EC2, and this says how it is found again. */
export type Intention = { readonly amiName: string } & (
  | { readonly operation: 'packer-build' }
  | { readonly operation: 'run-instances'; readonly token: string; readonly attempt: number }
  | { readonly operation: 'create-security-group'; readonly groupName: string }
  /** From here on nobody can log in to the instance any more. */
  | { readonly operation: 'seal'; readonly instanceId: string }
  | { readonly operation: 'create-image' }
  | { readonly operation: 'start-snapshot'; readonly token: string; readonly attempt: number }
  | { readonly operation: 'register-image' }
  | PublishIntention
);

/** In `region`, which may be another than the run's. What is asked for twice is the same as once. */
export type PublishIntention = { readonly region: string } & (
  | { readonly operation: 'boot-test'; readonly token: string }
  | { readonly operation: 'copy-image'; readonly token: string }
  | { readonly operation: 'tag-image'; readonly imageId: string }
  | { readonly operation: 'deprecate-image'; readonly imageId: string; readonly at: string }
  | { readonly operation: 'protect-image'; readonly imageId: string }
  | { readonly operation: 'share-image'; readonly imageId: string }
  | { readonly operation: 'share-snapshot'; readonly snapshotId: string }
  | { readonly operation: 'put-parameter'; readonly parameter: string; readonly imageId: string }
);

export type JournalRecord = JournalEntry & { readonly sequence: number; readonly time: string };

export interface Journal {
  readonly file: string;
  append(entry: JournalEntry): void;
  close(): void;
}

/** Creates a journal; the file must not exist. */
export function createJournal(file: string, clock: Clock): Journal {
  return openJournal(file, { clock, flags: 'wx', sequence: 0 });
}

/** Goes on with the journal of a run that ended; `records` are those that it holds. */
export function continueJournal(file: string, clock: Clock, records: readonly JournalRecord[]): Journal {
  dropTornLine(file);
  return openJournal(file, { clock, flags: 'a', sequence: records.at(-1)?.sequence ?? 0 });
}

interface JournalFile {
  readonly clock: Clock;
  readonly flags: 'wx' | 'a';
  /** Of the last record. */
  readonly sequence: number;
}

function openJournal(file: string, { clock, flags, sequence: last }: JournalFile): Journal {
  const descriptor = openSync(file, flags, 0o600);
  let sequence = last;
  return {
    file,
    // Synchronous on purpose: the record must be on the disk before the next line of packer's output is read.
    append(entry) {
      sequence += 1;
      const record: JournalRecord = { sequence, time: new Date(clock.now()).toISOString(), ...entry };
      writeSync(descriptor, `${JSON.stringify(record)}\n`);
      fsyncSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}

/** Reads a journal back, as far as it can be read. A last line that was cut off by a crash is left out. */
export async function readJournal(file: string): Promise<readonly JournalRecord[]> {
  return parseJournal(await readFile(file, 'utf8')).records;
}
