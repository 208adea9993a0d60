// An AMI in the sandbox, read by our own adapters over HTTP, beside the file that it was made from.
import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { EBSClient } from '@aws-sdk/client-ebs';
import {
  EnableAllowedImagesSettingsCommand,
  EnableEbsEncryptionByDefaultCommand,
  EnableImageBlockPublicAccessCommand,
  EnableImageDeregistrationProtectionCommand,
  EnableSnapshotBlockPublicAccessCommand,
  ModifyImageAttributeCommand,
  ModifySnapshotAttributeCommand,
  RegisterImageCommand,
  ReplaceImageCriteriaInAllowedImagesSettingsCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AwsAccess, createAwsAccess } from '../../src/aws/create-aws-access.js';
import { scanTree } from '../../src/scan/scan-tree.js';
import { openBlockTree, openDiskImageTree } from '../../src/scan/tree/image/open-disk-image-tree.js';
import { clientOptions, startTestSandbox, type TestSandbox } from '../support/a-sandbox.js';
import { listTree, makeExtImage, makeSystemFolder, makeTempFolder, noSignal } from '../support/scan-fixtures.js';
import { cutIntoBlocks, uploadSnapshot } from '../support/upload-snapshot.js';

const NOW = new Date('2026-11-22T12:00:00Z');
const GIB = 1024 ** 3;
const file = join(makeTempFolder(), 'disk.raw');

let sandbox: TestSandbox;
let aws: AwsAccess;
let imageId: string;
let snapshotId: string;

beforeAll(async () => {
  const folder = makeTempFolder();
  makeSystemFolder(folder);
  makeExtImage(file, folder, { megabytes: 24, options: ['-t', 'ext4'] });
  sandbox = await startTestSandbox();
  const { accessKeyId, secretAccessKey } = sandbox.sandbox.credentials;
  aws = createAwsAccess({
    region: 'us-east-1',
    endpoint: sandbox.sandbox.endpoint,
    environment: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  });
  const ebs = new EBSClient(clientOptions(sandbox.sandbox, 'us-east-1'));
  snapshotId = await uploadSnapshot({ ebs, ec2: sandbox.ec2 }, cutIntoBlocks(readFileSync(file)));
  truncateSync(file, GIB);
  const registered = await sandbox.ec2.send(
    new RegisterImageCommand({
      Name: 'uploaded-1',
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshotId, VolumeType: 'gp3' } }],
      ImdsSupport: 'v2.0',
      EnaSupport: true,
    }),
  );
  imageId = registered.ImageId ?? '';
});

afterAll(async () => {
  aws.close();
  await sandbox.sandbox.close();
});

describe('an AMI by the EBS direct APIs', () => {
  it('has the files, and the findings, of the disk that it was made from', async () => {
    const disk = await aws.snapshots.openSnapshot(snapshotId, noSignal());
    const byBlocks = await openBlockTree({ target: file, disk }, { signal: noSignal() });
    const byFile = await openDiskImageTree(file, { signal: noSignal() });

    const [blocks, bytes] = [await listTree(byBlocks), await listTree(byFile)];
    const options = { policy: 'marketplace', now: NOW } as const;
    const [blockScan, fileScan] = [await scanTree(byBlocks, options), await scanTree(byFile, options)];

    expect(blocks).toEqual(bytes);
    expect(blockScan).toEqual(fileScan);
    expect(fileScan.findings.length).toBeGreaterThan(3);
    await byBlocks.close();
    await byFile.close();
  });

  it('reads any range as the file has it, and refuses what lies outside', async () => {
    const disk = await aws.snapshots.openSnapshot(snapshotId, noSignal());
    const expected = readFileSync(file);

    for (const [offset, length] of [
      [0, 1],
      [524_287, 2],
      [1_000_000, 3_000_000],
      [24 * 1024 ** 2 - 5, 100],
      [GIB - 4096, 4096],
      [4096, 0],
    ] as const) {
      const read = await disk.read(offset, length);
      expect(read.equals(expected.subarray(offset, offset + length))).toBe(true);
    }
    expect(disk.size).toBe(GIB);
    await expect(disk.read(GIB - 1, 2)).rejects.toMatchObject({ code: 'SCAN_IMAGE_DAMAGED' });
    await disk.close();
  });

  it('stops at an abort with its reason', async () => {
    const abort = new AbortController();
    const disk = await aws.snapshots.openSnapshot(snapshotId, abort.signal);

    abort.abort(new Error('Ctrl-C'));

    await expect(disk.read(0, 10)).rejects.toThrow('Ctrl-C');
  });

  it('says that a snapshot is not there', async () => {
    const opened = aws.snapshots.openSnapshot('snap-00000000000000000', noSignal());

    await expect(opened).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND', exit: 3 });
  });
});

describe('the inspector of images', () => {
  it('gathers what EC2 says about an image of one’s own', async () => {
    await sandbox.ec2.send(
      new ModifyImageAttributeCommand({
        ImageId: imageId,
        LaunchPermission: { Add: [{ UserId: '222222222222' }] },
      }),
    );
    await sandbox.ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId: imageId, WithCooldown: true }));
    await sandbox.ec2.send(
      new ModifySnapshotAttributeCommand({
        SnapshotId: snapshotId,
        CreateVolumePermission: { Add: [{ Group: 'all' }] },
      }),
    );

    const image = await aws.inspector.describeImage(imageId);

    expect(image).toMatchObject({
      id: imageId,
      isOwn: true,
      isPublic: false,
      sharedWith: ['222222222222'],
      imdsSupport: 'v2.0',
      deregistrationProtection: 'enabled-with-cooldown',
      devices: [{ name: '/dev/xvda', snapshotId, volumeType: 'gp3', isEncrypted: false, snapshotSharedWith: ['all'] }],
      account: {
        allowedImages: 'disabled',
        imageBlockPublicAccess: 'unblocked',
        snapshotBlockPublicAccess: 'unblocked',
        isEncryptedByDefault: false,
      },
    });
  });

  it('sees the settings of the account change', async () => {
    await sandbox.ec2.send(
      new EnableImageBlockPublicAccessCommand({ ImageBlockPublicAccessState: 'block-new-sharing' }),
    );
    await sandbox.ec2.send(new EnableSnapshotBlockPublicAccessCommand({ State: 'block-all-sharing' }));
    await sandbox.ec2.send(new EnableEbsEncryptionByDefaultCommand({}));
    await sandbox.ec2.send(new EnableAllowedImagesSettingsCommand({ AllowedImagesSettingsState: 'audit-mode' }));

    const image = await aws.inspector.describeImage(imageId);

    expect(image?.account).toEqual({
      allowedImages: 'audit-mode',
      imageBlockPublicAccess: 'block-new-sharing',
      snapshotBlockPublicAccess: 'block-all-sharing',
      isEncryptedByDefault: true,
    });
    const publish = new ModifyImageAttributeCommand({
      ImageId: imageId,
      LaunchPermission: { Add: [{ Group: 'all' }] },
    });
    await expect(sandbox.ec2.send(publish)).rejects.toMatchObject({ name: 'OperationNotPermitted' });
  });

  it('leaves open what only another owner may know, and knows nothing of images that are not allowed', async () => {
    const { sourceAmi, ec2 } = sandbox;
    const before = await aws.inspector.describeImage(sourceAmi);

    await ec2.send(
      new ReplaceImageCriteriaInAllowedImagesSettingsCommand({ ImageCriteria: [{ ImageProviders: ['amazon'] }] }),
    );
    await ec2.send(new EnableAllowedImagesSettingsCommand({ AllowedImagesSettingsState: 'enabled' }));
    const after = await aws.inspector.describeImage(sourceAmi);

    expect(before).toMatchObject({ isOwn: false, isPublic: true, sharedWith: undefined });
    expect(before?.unknown.map(({ fact }) => fact)).toContain('launch-permissions');
    expect(after).toBeUndefined();
  });
});
