// The reader over a client that lies, forgets and refuses.
import { createHash } from 'node:crypto';
import type { EBSClient } from '@aws-sdk/client-ebs';
import { describe, expect, it } from '@jest/globals';
import { createSnapshotReader } from '../../src/aws/snapshot-reader.js';
import { noSignal } from '../support/scan-fixtures.js';

const BLOCK_BYTES = 4096;

describe('a snapshot over a bad line', () => {
  it('asks again for a block that came damaged', async () => {
    const ebs = aFakeEbs({ damaged: 2 });
    const disk = await open(ebs);

    const read = await disk.read(0, 4);

    expect(read).toEqual(Buffer.alloc(4, 1));
    expect(ebs.gets).toEqual([0, 0, 0]);
  });

  it('gives up on a block that stays damaged', async () => {
    const disk = await open(aFakeEbs({ damaged: 3 }));

    await expect(disk.read(0, 4)).rejects.toMatchObject({ code: 'SNAPSHOT_BLOCK_DAMAGED' });
  });

  it('lists the blocks again, once, when their tokens have expired', async () => {
    const ebs = aFakeEbs({ blocks: 8 });
    const disk = await open(ebs);

    ebs.expireTokens();
    const read = await disk.read(0, 8 * BLOCK_BYTES);

    expect(read.subarray(7 * BLOCK_BYTES)).toEqual(Buffer.alloc(BLOCK_BYTES, 8));
    expect(ebs.lists()).toBe(2);
  });

  it('does not ask twice for a block that it has', async () => {
    const ebs = aFakeEbs({ blocks: 1 });
    const disk = await open(ebs);

    await Promise.all([disk.read(0, 10), disk.read(10, 10)]);
    await disk.read(20, 10);

    expect(ebs.gets).toEqual([0]);
  });

  it('reads ahead where reading goes on, and not where it jumps', async () => {
    const ebs = aFakeEbs({ blocks: 40 });
    const disk = await open(ebs);

    await disk.read(20 * BLOCK_BYTES, 10);
    const afterJump = [...ebs.gets];
    await disk.read(21 * BLOCK_BYTES, 10);

    expect(afterJump).toEqual([20]);
    expect(ebs.gets.toSorted((one, other) => one - other)).toEqual([20, 21, 22, 23, 24, 25]);
  });

  it('asks for nothing that was never written', async () => {
    const ebs = aFakeEbs({ blocks: 1 });
    const disk = await open(ebs);

    const read = await disk.read(100 * BLOCK_BYTES, 2 * BLOCK_BYTES);

    expect(read.every((byte) => byte === 0)).toBe(true);
    expect(ebs.gets).toEqual([]);
  });
});

describe('a snapshot that may not be read', () => {
  it.each([
    ['AccessDeniedException', 'UNAUTHORIZED_ACCOUNT', 'SNAPSHOT_NOT_READABLE'],
    ['AccessDeniedException', 'DEPENDENCY_ACCESS_DENIED', 'SNAPSHOT_KEY_FORBIDDEN'],
    ['ValidationException', 'INVALID_CUSTOMER_KEY', 'SNAPSHOT_KEY_FORBIDDEN'],
    ['ResourceNotFoundException', 'SNAPSHOT_NOT_FOUND', 'SNAPSHOT_NOT_FOUND'],
    ['CredentialsProviderError', '', 'AWS_CREDENTIALS_MISSING'],
    ['ExpiredTokenException', '', 'AWS_CREDENTIALS_EXPIRED'],
  ])('is refused by %s (%s) as %s', async (name, Reason, code) => {
    const ebs = { send: async () => Promise.reject(Object.assign(new Error('no'), { name, Reason })) };

    const opened = createSnapshotReader(ebs as unknown as EBSClient).openSnapshot('snap-1', noSignal());

    await expect(opened).rejects.toMatchObject({ code, exit: 3 });
  });
});

interface FakeEbs {
  /** Indexes of the blocks that were asked for, in order. */
  readonly gets: number[];
  lists(): number;
  expireTokens(): void;
  readonly client: EBSClient;
}

/** A client whose block n is full of n + 1. */
function aFakeEbs({ blocks = 2, damaged = 0 }: { readonly blocks?: number; readonly damaged?: number }): FakeEbs {
  const gets: number[] = [];
  let lists = 0;
  let generation = 0;
  let bad = damaged;

  function list() {
    lists += 1;
    const Blocks = Array.from({ length: blocks }, (_, index) => ({
      BlockIndex: index,
      BlockToken: `${generation}:${index}`,
    }));
    return { VolumeSize: 1, BlockSize: BLOCK_BYTES, Blocks };
  }

  function get({ BlockIndex, BlockToken }: { readonly BlockIndex: number; readonly BlockToken: string }) {
    if (BlockToken !== `${generation}:${BlockIndex}`) {
      throw Object.assign(new Error('expired'), { name: 'ValidationException', Reason: 'INVALID_BLOCK_TOKEN' });
    }
    gets.push(BlockIndex);
    const bytes = Buffer.alloc(BLOCK_BYTES, BlockIndex + 1);
    const Checksum = createHash('sha256').update(bytes).digest('base64');
    bad -= 1;
    const sent = bad >= 0 ? bytes.subarray(1) : bytes;
    return { Checksum, BlockData: { transformToByteArray: async () => sent } };
  }

  const send = async ({ input }: { readonly input: Record<string, unknown> }) =>
    'BlockToken' in input ? get(input as never) : list();
  return {
    gets,
    lists: () => lists,
    expireTokens: () => {
      generation += 1;
    },
    client: { send } as unknown as EBSClient,
  };
}

async function open({ client }: FakeEbs) {
  return await createSnapshotReader(client).openSnapshot('snap-1', noSignal());
}
