// A journal as it is found on the disk: what cannot be read of it is named, and hides nothing else.
import type { JournalRecord } from './journal.js';

export interface JournalContent {
  readonly records: readonly JournalRecord[];
  /** Lines that cannot be read, from 1. */
  readonly damagedLines: readonly number[];
}

/** A last line that was cut off by a crash is no damage: what it says was never begun. */
export function parseJournal(text: string): JournalContent {
  const records: JournalRecord[] = [];
  const damagedLines: number[] = [];
  // Whatever follows the last newline was never completed.
  for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
    const record = parseRecord(line);
    if (record === undefined) damagedLines.push(index + 1);
    else records.push(record);
  }
  return { records, damagedLines };
}

/** Members that whoever reads a record goes by. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  started: ['run', 'image', 'region'],
  intended: ['operation', 'amiName'],
  learned: ['resource', 'id'],
  removed: ['resource', 'id'],
  left: ['resource', 'id', 'reason'],
  published: ['amiId'],
  finished: ['outcome'],
};

function parseRecord(line: string): JournalRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { sequence, time, kind, ...rest } = value as Readonly<Record<string, unknown>>;
  if (typeof sequence !== 'number' || typeof kind !== 'string') return undefined;
  if (typeof time !== 'string' || Number.isNaN(Date.parse(time))) return undefined;
  const needed = MEMBERS[kind] ?? [];
  return needed.every((member) => typeof rest[member] === 'string') ? (value as JournalRecord) : undefined;
}

/**
 * Whether a line that cannot be read may have said that others use the image from then on. It cannot where a later record is
 * of the time before the image was there.
 */
export function mayHidePublication({ records, damagedLines }: JournalContent): boolean {
  const last = damagedLines.at(-1);
  if (last === undefined || records.some(({ kind }) => kind === 'published')) return false;
  // Lines are written in the order of their numbers, and each has one.
  return !records.some((record) => record.sequence > last && isBeforeImage(record));
}

function isBeforeImage(record: JournalRecord): boolean {
  if (record.kind === 'learned') return record.resource === 'image' && record.region === undefined;
  return record.kind === 'intended' && BEFORE_IMAGE.has(record.operation);
}

const BEFORE_IMAGE: ReadonlySet<string> = new Set([
  'packer-build',
  'run-instances',
  'create-security-group',
  'seal',
  'create-image',
  'start-snapshot',
  'register-image',
]);
