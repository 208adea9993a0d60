import { createHash } from 'node:crypto';
import {
  CompleteSnapshotCommand,
  type EBSClient,
  PutSnapshotBlockCommand,
  StartSnapshotCommand,
  type StartSnapshotCommandInput,
} from '@aws-sdk/client-ebs';
import { DescribeSnapshotsCommand, type EC2Client } from '@aws-sdk/client-ec2';

export const BLOCK_BYTES = 512 * 1024;

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** A block of one byte over and over. */
export function aBlock(byte: number): Buffer {
  return Buffer.alloc(BLOCK_BYTES, byte);
}

export async function putBlock(ebs: EBSClient, snapshotId: string, index: number, bytes: Buffer): Promise<void> {
  await ebs.send(
    new PutSnapshotBlockCommand({
      SnapshotId: snapshotId,
      BlockIndex: index,
      BlockData: bytes,
      DataLength: bytes.length,
      Checksum: sha256(bytes),
      ChecksumAlgorithm: 'SHA256',
    }),
  );
}

/** Uploads blocks as a snapshot of 1 GiB and waits until it is complete. */
export async function uploadSnapshot(
  { ebs, ec2 }: { readonly ebs: EBSClient; readonly ec2: EC2Client },
  blocks: ReadonlyMap<number, Buffer>,
  changes: Partial<StartSnapshotCommandInput> = {},
): Promise<string> {
  const { SnapshotId = '' } = await ebs.send(new StartSnapshotCommand({ VolumeSize: 1, ...changes }));
  const digest = createHash('sha256');
  for (const [index, bytes] of [...blocks].sort(([one], [other]) => one - other)) {
    await putBlock(ebs, SnapshotId, index, bytes);
    digest.update(createHash('sha256').update(bytes).digest());
  }
  await ebs.send(
    new CompleteSnapshotCommand({
      SnapshotId,
      ChangedBlocksCount: blocks.size,
      Checksum: digest.digest('base64'),
      ChecksumAlgorithm: 'SHA256',
      ChecksumAggregationMethod: 'LINEAR',
    }),
  );
  await waitForSnapshot(ec2, SnapshotId);
  return SnapshotId;
}

/** The state that a snapshot settles in. */
export async function waitForSnapshot(ec2: EC2Client, snapshotId: string): Promise<string> {
  for (;;) {
    const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [snapshotId] }));
    const state = Snapshots[0]?.State ?? 'gone';
    if (state !== 'pending') return state;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The blocks of a disk that are not all zeros. */
export function cutIntoBlocks(disk: Buffer): ReadonlyMap<number, Buffer> {
  const blocks = new Map<number, Buffer>();
  for (let index = 0; index * BLOCK_BYTES < disk.length; index += 1) {
    const block = Buffer.alloc(BLOCK_BYTES);
    disk.copy(block, 0, index * BLOCK_BYTES);
    if (block.some((byte) => byte !== 0)) blocks.set(index, block);
  }
  return blocks;
}
