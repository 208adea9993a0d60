import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CompleteSnapshotCommand,
  EBSClient,
  GetSnapshotBlockCommand,
  ListChangedBlocksCommand,
  ListSnapshotBlocksCommand,
  PutSnapshotBlockCommand,
  StartSnapshotCommand,
} from '@aws-sdk/client-ebs';
import { DeleteSnapshotCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDiskImage } from '../../../src/scan/tree/image/open-disk-image.js';
import { clientOptions, startTestSandbox, systemClock, type TestSandbox } from '../../support/a-sandbox.js';
import {
  aBlock,
  BLOCK_BYTES,
  putBlock,
  sha256,
  uploadSnapshot,
  waitForSnapshot,
} from '../../support/upload-snapshot.js';

let aws: TestSandbox;
let ebs: EBSClient;
let offsetMs = 0;

beforeAll(async () => {
  const clock = { ...systemClock, now: () => new Date(Date.now() + offsetMs) };
  aws = await startTestSandbox({ clock });
  ebs = new EBSClient(clientOptions(aws.sandbox, 'us-east-1'));
});

afterAll(async () => {
  await aws.sandbox.close();
});

async function listIndexes(snapshotId: string): Promise<readonly (number | undefined)[]> {
  const { Blocks = [] } = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: snapshotId }));
  return Blocks.map(({ BlockIndex }) => BlockIndex);
}

/** What a volume of the snapshot is an overlay on. */
function findSnapshotFile(snapshotId: string): string {
  const name = readdirSync(aws.stateDir, { recursive: true }).find((each) =>
    String(each).endsWith(`${snapshotId}.qcow2`),
  );
  return join(aws.stateDir, String(name));
}

describe('the EBS direct APIs, written to', () => {
  it('make a snapshot whose blocks read as they were written, and list no other', async () => {
    const blocks = new Map([
      [0, aBlock(1)],
      [7, aBlock(2)],
      [2047, aBlock(3)],
    ]);

    const snapshotId = await uploadSnapshot({ ...aws, ebs }, blocks, { Description: 'a disk' });

    const list = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: snapshotId }));
    expect(list).toMatchObject({ VolumeSize: 1, BlockSize: BLOCK_BYTES });
    expect(list.Blocks?.map(({ BlockIndex }) => BlockIndex)).toEqual([0, 7, 2047]);
    for (const { BlockIndex = -1, BlockToken } of list.Blocks ?? []) {
      const block = await ebs.send(new GetSnapshotBlockCommand({ SnapshotId: snapshotId, BlockIndex, BlockToken }));
      const bytes = Buffer.from((await block.BlockData?.transformToByteArray()) ?? []);
      expect(bytes.equals(blocks.get(BlockIndex) ?? Buffer.alloc(0))).toBe(true);
      expect(block).toMatchObject({ DataLength: BLOCK_BYTES, Checksum: sha256(bytes), ChecksumAlgorithm: 'SHA256' });
    }
  });

  it('list zeros that were written, and nothing else', async () => {
    const blocks = new Map([
      [0, aBlock(0)],
      [9, aBlock(0)],
    ]);

    const snapshotId = await uploadSnapshot({ ...aws, ebs }, blocks);
    const child = await uploadSnapshot({ ...aws, ebs }, new Map([[4, aBlock(0)]]), { ParentSnapshotId: snapshotId });

    expect(await listIndexes(snapshotId)).toEqual([0, 9]);
    expect(await listIndexes(child)).toEqual([0, 4, 9]);
  });

  it.each([
    ['zeros to a volume of a plain snapshot', {}, true],
    ['no zeros to a volume of an encrypted one', { Encrypted: true }, false],
  ])('leave what was never written as %s', async (_what, changes, isZero) => {
    const snapshotId = await uploadSnapshot({ ...aws, ebs }, new Map([[0, aBlock(0)]]), changes);

    const disk = await openDiskImage(findSnapshotFile(snapshotId));
    const [written, absent] = [await disk.read(0, BLOCK_BYTES), await disk.read(5 * BLOCK_BYTES, BLOCK_BYTES)];
    await disk.close();
    expect(await listIndexes(snapshotId)).toEqual([0]);
    expect([written.equals(aBlock(0)), absent.equals(aBlock(0))]).toEqual([true, isZero]);
  });

  it('begin one snapshot for a client token, and refuse it for another request', async () => {
    const input = { VolumeSize: 2, ClientToken: 'token-1', Tags: [{ Key: 'Name', Value: 'disk' }] };

    const first = await ebs.send(new StartSnapshotCommand(input));
    const second = await ebs.send(new StartSnapshotCommand(input));

    expect(second).toMatchObject({ SnapshotId: first.SnapshotId, Status: 'pending', VolumeSize: 2 });
    await expect(ebs.send(new StartSnapshotCommand({ ...input, VolumeSize: 3 }))).rejects.toMatchObject({
      name: 'ConflictException',
    });
  });

  it('complete twice as once, for a reply may be lost', async () => {
    const snapshotId = await uploadSnapshot({ ...aws, ebs }, new Map([[0, aBlock(9)]]));

    const again = await ebs.send(new CompleteSnapshotCommand({ SnapshotId: snapshotId, ChangedBlocksCount: 1 }));

    expect(again.Status).toBe('completed');
  });

  it.each([
    ['a block outside of the volume', { BlockIndex: 2048 }, 'INVALID_BLOCK'],
    ['a checksum that is not the data’s', { Checksum: sha256(Buffer.from('other')) }, 'INVALID_PARAMETER_VALUE'],
    ['a block that is too short', { BlockData: Buffer.alloc(512), DataLength: 512 }, 'INVALID_PARAMETER_VALUE'],
  ])('refuse %s', async (_what, change, reason) => {
    const { SnapshotId } = await ebs.send(new StartSnapshotCommand({ VolumeSize: 1 }));
    const block = { SnapshotId, BlockIndex: 0, BlockData: aBlock(1), DataLength: BLOCK_BYTES } as const;

    const put = ebs.send(
      new PutSnapshotBlockCommand({ ...block, Checksum: sha256(aBlock(1)), ChecksumAlgorithm: 'SHA256', ...change }),
    );

    await expect(put).rejects.toMatchObject({ name: 'ValidationException', Reason: reason });
  });

  it.each([
    ['a wrong number of blocks', { ChangedBlocksCount: 2 }],
    [
      'a wrong checksum over all of them',
      {
        ChangedBlocksCount: 1,
        Checksum: sha256(aBlock(1)),
        ChecksumAlgorithm: 'SHA256',
        ChecksumAggregationMethod: 'LINEAR',
      },
    ],
  ] as const)('refuse to complete with %s', async (_what, input) => {
    const { SnapshotId = '' } = await ebs.send(new StartSnapshotCommand({ VolumeSize: 1 }));
    await putBlock(ebs, SnapshotId, 0, aBlock(1));

    const complete = ebs.send(new CompleteSnapshotCommand({ SnapshotId, ...input }));

    await expect(complete).rejects.toMatchObject({ name: 'ValidationException', Reason: 'INVALID_PARAMETER_VALUE' });
  });

  it('cancel a snapshot to which nobody wrote for its timeout', async () => {
    const { SnapshotId = '' } = await ebs.send(new StartSnapshotCommand({ VolumeSize: 1, Timeout: 10 }));

    offsetMs = 11 * 60_000;
    const put = putBlock(ebs, SnapshotId, 0, aBlock(1));

    await expect(put).rejects.toMatchObject({ Reason: 'INVALID_SNAPSHOT_ID' });
    expect(await waitForSnapshot(aws.ec2, SnapshotId)).toBe('error');
    offsetMs = 0;
  });

  it('forget a snapshot that is deleted while it is written', async () => {
    const { SnapshotId = '' } = await ebs.send(new StartSnapshotCommand({ VolumeSize: 1 }));

    await aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId }));

    await expect(putBlock(ebs, SnapshotId, 0, aBlock(1))).rejects.toMatchObject({ Reason: 'SNAPSHOT_NOT_FOUND' });
  });

  it('write on top of a parent, and tell what changed', async () => {
    const clients = { ...aws, ebs };
    const parent = await uploadSnapshot(
      clients,
      new Map([
        [0, aBlock(1)],
        [1, aBlock(2)],
      ]),
    );

    const child = await uploadSnapshot(
      clients,
      new Map([
        [1, aBlock(3)],
        [5, aBlock(4)],
      ]),
      { ParentSnapshotId: parent },
    );

    const changes = await ebs.send(new ListChangedBlocksCommand({ FirstSnapshotId: parent, SecondSnapshotId: child }));
    const blocks = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: child }));
    expect(blocks.Blocks?.map(({ BlockIndex }) => BlockIndex)).toEqual([0, 1, 5]);
    expect(changes.ChangedBlocks).toEqual([
      { BlockIndex: 1, FirstBlockToken: expect.any(String), SecondBlockToken: expect.any(String) },
      { BlockIndex: 5, SecondBlockToken: expect.any(String) },
    ]);
  });
});

describe('the EBS direct APIs, read from', () => {
  it('list in pages, and go on where a page ended', async () => {
    const blocks = new Map(Array.from({ length: 150 }, (_, index) => [index * 2, aBlock(index + 1)] as const));
    const snapshotId = await uploadSnapshot({ ...aws, ebs }, blocks);
    const list = (NextToken?: string) =>
      ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: snapshotId, MaxResults: 100, NextToken }));

    const first = await list();
    const second = await list(first.NextToken);

    const listed = [...(first.Blocks ?? []), ...(second.Blocks ?? [])].map(({ BlockIndex }) => BlockIndex);
    expect(first.Blocks).toHaveLength(100);
    expect(second.NextToken).toBeUndefined();
    expect(listed).toEqual([...blocks.keys()]);
    await expect(list('nonsense')).rejects.toMatchObject({ Reason: 'INVALID_PAGE_TOKEN' });
  });

  it('give a block only for its own token, and only for a week', async () => {
    const snapshotId = await uploadSnapshot(
      { ...aws, ebs },
      new Map([
        [0, aBlock(1)],
        [1, aBlock(2)],
      ]),
    );
    const { Blocks = [] } = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: snapshotId }));
    const get = (BlockIndex: number, BlockToken: string | undefined) =>
      ebs.send(new GetSnapshotBlockCommand({ SnapshotId: snapshotId, BlockIndex, BlockToken }));

    const refused = { name: 'ValidationException', Reason: 'INVALID_BLOCK_TOKEN' };
    await expect(get(0, Blocks[1]?.BlockToken)).rejects.toMatchObject(refused);
    await expect(get(0, 'bm9uc2Vuc2U=')).rejects.toMatchObject(refused);
    offsetMs = 8 * 24 * 3600_000;
    const late = new EBSClient({ ...clientOptions(aws.sandbox, 'us-east-1'), systemClockOffset: offsetMs });
    const expired = late.send(
      new GetSnapshotBlockCommand({ SnapshotId: snapshotId, BlockIndex: 0, BlockToken: Blocks[0]?.BlockToken }),
    );
    await expect(expired).rejects.toMatchObject(refused);
    offsetMs = 0;
  });

  it.each([
    ['one that does not exist', 'snap-00000000000000000', 'ResourceNotFoundException', 'SNAPSHOT_NOT_FOUND'],
    ['something that is no id', 'vol-1', 'ValidationException', 'INVALID_SNAPSHOT_ID'],
  ])('refuse %s', async (_what, snapshotId, name, reason) => {
    const list = ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: snapshotId }));

    await expect(list).rejects.toMatchObject({ name, Reason: reason });
  });

  it('refuse comparing snapshots that have nothing to do with each other', async () => {
    const one = await uploadSnapshot({ ...aws, ebs }, new Map([[0, aBlock(1)]]));
    const other = await uploadSnapshot({ ...aws, ebs }, new Map([[0, aBlock(1)]]));

    const compared = ebs.send(new ListChangedBlocksCommand({ FirstSnapshotId: one, SecondSnapshotId: other }));

    await expect(compared).rejects.toMatchObject({ Reason: 'UNRELATED_SNAPSHOTS' });
  });
});
