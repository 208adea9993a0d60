// Which blocks of a disk are in the snapshot, and with which content: one line for each, written when EBS has acknowledged
// it. A line that a crash cut off, or that never reached the disk, only means that its block is sent once more.
import { createHash } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { SentBlocks } from '../../aws/registration-ports.js';
import { dropTornLine } from '../drop-torn-line.js';
import { hasErrorCode } from '../has-error-code.js';

/** `sent`: in this snapshot; `same`: of its parent, which has the same content there. */
export type BlockOrigin = 'sent' | 'same';

export interface BlockLedger {
  /** SHA-256 of the content that the snapshot has at an index; undefined when nothing is known of it. */
  find(index: number): Buffer | undefined;
  /** On the way to the disk when it returns: the death of this process does not lose it, a power cut may. */
  record(index: number, digest: Buffer, origin: BlockOrigin): void;
  /** All blocks that were sent. */
  summarise(): SentBlocks;
  /** Recorded by an earlier process. */
  readonly knownBlocks: number;
  close(): void;
}

const DIGEST_BYTES = 32;
const ORIGINS: readonly (BlockOrigin | undefined)[] = [undefined, 'sent', 'same'];
const LINE = /^(\d{1,9}) (sent|same) ([A-Za-z0-9+/]{43}=)$/;
/** 128 MiB of blocks are what a power cut costs at most. */
const SYNC_INTERVAL = 256;

/** Opens the ledger in `file`, which may be there from an earlier process, of a disk of `blockCount` blocks. */
export async function openBlockLedger(file: string, blockCount: number): Promise<BlockLedger> {
  // By index rather than in a map: 33 bytes a block, and what is never written takes no memory.
  const digests = Buffer.alloc(blockCount * DIGEST_BYTES);
  const origins = new Uint8Array(blockCount);
  const digestAt = (index: number) => digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);

  function note(index: number, digest: Buffer, origin: BlockOrigin): void {
    digest.copy(digestAt(index));
    origins[index] = ORIGINS.indexOf(origin);
  }

  for (const { index, digest, origin } of await readLedger(file)) if (index < blockCount) note(index, digest, origin);
  const descriptor = openSync(file, 'a', 0o600);
  dropTornLine(file);
  let unsynced = 0;

  return {
    knownBlocks: origins.reduce((sum, origin) => sum + (origin === 0 ? 0 : 1), 0),
    find: (index) => (origins[index] === 0 ? undefined : digestAt(index)),
    record(index, digest, origin) {
      note(index, digest, origin);
      writeSync(descriptor, formatLine({ index, digest, origin }));
      unsynced += 1;
      if (unsynced < SYNC_INTERVAL) return;
      fdatasyncSync(descriptor);
      unsynced = 0;
    },
    summarise() {
      const hash = createHash('sha256');
      let blocks = 0;
      for (let index = 0; index < blockCount; index += 1) {
        if (ORIGINS[origins[index] ?? 0] !== 'sent') continue;
        hash.update(digestAt(index));
        blocks += 1;
      }
      return { blockCount: blocks, digest: hash.digest() };
    },
    close() {
      fdatasyncSync(descriptor);
      closeSync(descriptor);
    },
  };
}

export interface LedgerLine {
  readonly index: number;
  /** SHA-256 of the block. */
  readonly digest: Buffer;
  readonly origin: BlockOrigin;
}

/** The lines of a ledger, of which a later one about the same block counts; none when there is no file. */
export async function readLedger(file: string): Promise<readonly LedgerLine[]> {
  const text = await readFile(file, 'latin1').catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return '';
    throw error;
  });
  const lines = text.split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    const [, index, origin, digest = ''] = LINE.exec(line) ?? [];
    if (index === undefined) return [];
    return [{ index: Number(index), origin: origin as BlockOrigin, digest: Buffer.from(digest, 'base64') }];
  });
}

function formatLine({ index, digest, origin }: LedgerLine): string {
  return `${index} ${origin} ${digest.toString('base64')}\n`;
}
