import { EBSClient, StartSnapshotCommand } from '@aws-sdk/client-ebs';
import { DescribeImagesCommand, RegisterImageCommand, type RegisterImageCommandInput } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientOptions, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import { aBlock, uploadSnapshot } from '../../support/upload-snapshot.js';

let aws: TestSandbox;
let ebs: EBSClient;
let snapshotId: string;
beforeAll(async () => {
  aws = await startTestSandbox();
  ebs = new EBSClient(clientOptions(aws.sandbox, 'us-east-1'));
  snapshotId = await uploadSnapshot({ ...aws, ebs }, new Map([[0, aBlock(1)]]), { VolumeSize: 2 });
});
afterAll(() => aws.sandbox.close());

describe('RegisterImage', () => {
  it('keeps what was asked for', async () => {
    const settings = { BootMode: 'uefi', TpmSupport: 'v2.0', ImdsSupport: 'v2.0', EnaSupport: true } as const;

    const { ImageId = '' } = await register({ Name: 'kept', ...settings });

    const { Images = [] } = await aws.ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
    expect(Images[0]).toMatchObject({
      ...settings,
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      State: 'available',
    });
    expect(Images[0]?.BlockDeviceMappings?.[0]?.Ebs).toMatchObject({ SnapshotId: snapshotId, VolumeSize: 2 });
  });

  it('has the ENA of those that ask for it only', async () => {
    const { ImageId = '' } = await register({ Name: 'without ENA' });

    const { Images = [] } = await aws.ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
    expect(Images[0]?.EnaSupport).toBe(false);
  });

  it.each<[string, Partial<RegisterImageCommandInput>, string]>([
    ['the architecture that the API defaults to', { Architecture: undefined }, 'InvalidParameterValue'],
    ['the virtualization that the API defaults to', { VirtualizationType: undefined }, 'UnsupportedOperation'],
    ['an image of instance store', { ImageLocation: 'bucket/image.xml' }, 'UnsupportedOperation'],
    ['a TPM without UEFI', { TpmSupport: 'v2.0', BootMode: 'uefi-preferred' }, 'InvalidParameterCombination'],
    ['a boot mode that there is not', { BootMode: 'bios' as 'uefi' }, 'InvalidParameterValue'],
    ['a version of IMDS that there is not', { ImdsSupport: 'v1.0' as 'v2.0' }, 'InvalidParameterValue'],
    ['a name that is too short', { Name: 'ab' }, 'InvalidAMIName.Malformed'],
    ['a root device that no mapping describes', { RootDeviceName: '/dev/sda1' }, 'UnsupportedOperation'],
    ['a root device without a snapshot', { BlockDeviceMappings: [] }, 'InvalidBlockDeviceMapping'],
  ])('refuses %s', async (_what, change, name) => {
    await expect(register({ Name: 'refused', ...change })).rejects.toMatchObject({ name });
  });

  it('refuses a name that is taken', async () => {
    await register({ Name: 'taken' });

    await expect(register({ Name: 'taken' })).rejects.toMatchObject({ name: 'InvalidAMIName.Duplicate' });
  });

  it('refuses a volume that is smaller than its snapshot', async () => {
    const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshotId, VolumeSize: 1 } }];

    const registered = register({ Name: 'small', BlockDeviceMappings });

    await expect(registered).rejects.toMatchObject({ name: 'InvalidBlockDeviceMapping' });
  });

  it('refuses a snapshot that is still being written', async () => {
    const { SnapshotId } = await ebs.send(new StartSnapshotCommand({ VolumeSize: 1 }));

    const registered = register({
      Name: 'early',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId } }],
    });

    await expect(registered).rejects.toMatchObject({ name: 'IncorrectState' });
  });
});

describe('StartSnapshot', () => {
  it('begins a hundred snapshots side by side, and no more', async () => {
    const inWest = new EBSClient(clientOptions(aws.sandbox, 'us-west-2'));
    for (let count = 0; count < 100; count += 1) await inWest.send(new StartSnapshotCommand({ VolumeSize: 1 }));

    const oneMore = inWest.send(new StartSnapshotCommand({ VolumeSize: 1 }));

    await expect(oneMore).rejects.toMatchObject({ name: 'ConcurrentLimitExceededException' });
  });

  it('is throttled as EBS throttles', async () => {
    aws.sandbox.loadFaults({ throttles: [{ action: 'ebs:StartSnapshot', burst: 1, perSecond: 0.01 }] });
    await ebs.send(new StartSnapshotCommand({ VolumeSize: 1 }));

    const second = ebs.send(new StartSnapshotCommand({ VolumeSize: 1 }));

    await expect(second).rejects.toMatchObject({ name: 'RequestThrottledException', Reason: 'ACCOUNT_THROTTLED' });
    aws.sandbox.loadFaults({});
  });
});

function register(change: Partial<RegisterImageCommandInput>) {
  return aws.ec2.send(
    new RegisterImageCommand({
      Name: 'image',
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshotId } }],
      ...change,
    }),
  );
}
