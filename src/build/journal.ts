// What a run writes down, so that it can be cleaned up after whoever ran it is gone: the intent before packer starts,
// and every resource as soon as its name is known. Append-only JSON lines, on the disk before the run goes on.
import { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.js';
import type { BuilderType } from '../config/resolved-config.js';
import type { ResourceKind } from '../events.js';

export type JournalEntry =
  | {
      readonly kind: 'started';
      readonly run: string;
      readonly image: string;
      readonly region: string;
      /** Endpoint other than AWS's, for example the sandbox's. */
      readonly endpoint?: string;
      /** Account that the run works in; asked for before anything is made. */
      readonly account?: string;
      /** Absolute. */
      readonly configFile?: string;
      readonly builder?: BuilderType;
    }
  /** Another process has taken the run up. */
  | { readonly kind: 'resumed' }
  | ({ readonly kind: 'intended' } & Intention)
  | { readonly kind: 'learned'; readonly resource: ResourceKind; readonly id: string }
  | { readonly kind: 'removed'; readonly resource: ResourceKind; readonly id: string }
  | { readonly kind: 'left'; readonly resource: ResourceKind | 'unknown'; readonly id: string; readonly reason: string }
  | {
      readonly kind: 'finished';
      readonly outcome: 'built' | 'unchanged' | 'failed' | 'interrupted';
      readonly amiId?: string;
    };

/** Written before the call is made; from here on its effect may exist in EC2, and this says how it is found again. */
export type Intention = { readonly amiName: string } & (
  | { readonly operation: 'packer-build' }
  | { readonly operation: 'run-instances'; readonly token: string; readonly attempt: number }
  | { readonly operation: 'create-security-group'; readonly groupName: string }
  /** From here on nobody can log in to the instance any more. */
  | { readonly operation: 'seal'; readonly instanceId: string }
  | { readonly operation: 'create-image' }
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
  dropTornRecord(file);
  return openJournal(file, { clock, flags: 'a', sequence: records.at(-1)?.sequence ?? 0 });
}

/** A record that a crash cut off would swallow the one that is written after it. */
function dropTornRecord(file: string): void {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) truncateSync(file, end);
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

/** Reads a journal back. A last line that was cut off by a crash is left out. */
export async function readJournal(file: string): Promise<readonly JournalRecord[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  // Whatever follows the last newline was never completed.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as JournalRecord);
}
