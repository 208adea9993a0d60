import * as sdk from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PROFILE, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';

let test: TestSandbox;
beforeEach(async () => {
  test = await startTestSandbox();
});
afterEach(() => test.sandbox.close());

describe('ModifyInstanceAttribute', () => {
  it.each<[string, object]>([
    ['by its own member', { DisableApiTermination: { Value: true } }],
    ['by its name', { Attribute: 'disableApiTermination', Value: 'true' }],
  ])('protects from termination %s, until that is turned off', async (_how, change) => {
    const InstanceId = await launch();

    await modify({ InstanceId, ...change });

    const terminate = () => test.ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
    await expect(terminate()).rejects.toMatchObject({ name: 'OperationNotPermitted' });
    await modify({ InstanceId, Attribute: 'disableApiTermination', Value: 'false' });
    await expect(terminate()).resolves.toMatchObject({ TerminatingInstances: [{ InstanceId }] });
  });

  it('changes security groups and whether the root volume outlives the instance', async () => {
    const InstanceId = await launch();
    const { GroupId = '' } = await test.ec2.send(
      new sdk.CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' }),
    );
    const keep = { DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: false } };

    await modify({ InstanceId, Groups: [GroupId] });
    await modify({ InstanceId, BlockDeviceMappings: [keep] });

    const instance = await describeInstance(InstanceId);
    expect(instance.SecurityGroups).toEqual([{ GroupId, GroupName: 'web' }]);
    expect(instance.BlockDeviceMappings).toMatchObject([keep]);
  });

  it.each<[string, object, string]>([
    ['another type', { InstanceType: { Value: 't3.large' } }, 'UnsupportedOperation'],
    ['another type by its name', { Attribute: 'instanceType', Value: 't3.large' }, 'InvalidParameterValue'],
    ['other user data', { UserData: { Value: Buffer.from('#!/bin/sh') } }, 'UnsupportedOperation'],
    ['routing of foreign packets', { SourceDestCheck: { Value: false } }, 'InvalidParameterValue'],
    ['an attribute that is none', { Attribute: 'colour', Value: 'red' }, 'InvalidParameterValue'],
    ['a value that is none', { Attribute: 'disableApiTermination', Value: 'perhaps' }, 'InvalidParameterValue'],
    ['nothing', {}, 'InvalidParameterCombination'],
    [
      'two attributes',
      { DisableApiTermination: { Value: true }, EnaSupport: { Value: true } },
      'InvalidParameterCombination',
    ],
  ])('refuses %s', async (_what, change, name) => {
    const InstanceId = await launch();

    await expect(modify({ InstanceId, ...change })).rejects.toMatchObject({ name });
  });
});

describe('CreateImage', () => {
  it.each<[string, Partial<sdk.CreateImageCommandInput>, string]>([
    [
      'encryption of a volume that is there',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true } }] },
      'InvalidBlockDeviceMapping',
    ],
    [
      'instance store',
      { BlockDeviceMappings: [{ DeviceName: '/dev/sdb', VirtualName: 'ephemeral0' }] },
      'UnsupportedOperation',
    ],
    [
      'a device that is left out',
      {
        BlockDeviceMappings: [
          { DeviceName: '/dev/sdb', NoDevice: '' },
          { DeviceName: '/dev/sdc', NoDevice: 'x' },
        ],
      },
      'UnsupportedOperation',
    ],
    [
      'a volume type that is none',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeType: 'gp9' as 'gp3' } }] },
      'InvalidParameterValue',
    ],
    [
      'a smaller volume',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 1 } }] },
      'InvalidBlockDeviceMapping',
    ],
    ['a boot mode that is none', { BootModeOverride: 'floppy' as 'uefi' }, 'InvalidParameterValue'],
  ])('refuses %s', async (_what, changes, name) => {
    const create = new sdk.CreateImageCommand({ InstanceId: await launch(), Name: 'golden', ...changes });

    await expect(test.ec2.send(create)).rejects.toMatchObject({ name });
  });

  it('shows the boot mode that it was given', async () => {
    const { ImageId = '' } = await test.ec2.send(
      new sdk.CreateImageCommand({ InstanceId: await launch(), Name: 'golden', BootModeOverride: 'uefi' }),
    );

    expect(await describeImages(ImageId)).toMatchObject([{ BootMode: 'uefi' }]);
  });
});

describe('RunInstances', () => {
  const arn = 'arn:aws:iam::100000000000:instance-profile/nobody';

  it.each<[string, Partial<sdk.RunInstancesCommandInput>, string]>([
    ['a profile that is not there', { IamInstanceProfile: { Name: 'nobody' } }, 'InvalidParameterValue'],
    ['the ARN of a profile that is not there', { IamInstanceProfile: { Arn: arn } }, 'InvalidParameterValue'],
    ['a profile by both', { IamInstanceProfile: { Arn: arn, Name: PROFILE } }, 'InvalidParameterCombination'],
    ['a type that is none', { InstanceType: 'nonsense' as 't3.micro' }, 'InvalidParameterValue'],
    ['a host of its own', { Placement: { Tenancy: 'dedicated' } }, 'InvalidParameterValue'],
    ['hibernation', { HibernationOptions: { Configured: true } }, 'InvalidParameterValue'],
    [
      'another snapshot for the root volume',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-00000000000000000' } }] },
      'InvalidBlockDeviceMapping',
    ],
    [
      'a root volume that is left out',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', NoDevice: 'x' }] },
      'InvalidBlockDeviceMapping',
    ],
  ])('refuses %s', async (_what, changes, name) => {
    await expect(launch(changes)).rejects.toMatchObject({ name });
  });

  it('gives the instance the profile that it names', async () => {
    const id = await launch({ IamInstanceProfile: { Name: PROFILE } });

    const { IamInstanceProfile } = await describeInstance(id);
    expect(IamInstanceProfile).toEqual({
      Arn: `arn:aws:iam::100000000000:instance-profile/${PROFILE}`,
      Id: expect.stringMatching(/^AIPA/),
    });
  });
});

describe('an image that was deregistered', () => {
  it('is left out of lists, and no longer available to everything else', async () => {
    const InstanceId = await launch();
    const { ImageId = '' } = await test.ec2.send(new sdk.CreateImageCommand({ InstanceId, Name: 'golden' }));
    await sdk.waitUntilImageAvailable({ client: test.ec2, maxWaitTime: 10, minDelay: 1 }, { ImageIds: [ImageId] });
    const deregister = () => test.ec2.send(new sdk.DeregisterImageCommand({ ImageId }));

    await deregister();

    const gone = { name: 'InvalidAMIID.Unavailable' };
    expect(await describeImages(ImageId)).toEqual([]);
    expect(await describeImages(ImageId, test.sourceAmi)).toMatchObject([{ ImageId: test.sourceAmi }]);
    await expect(deregister()).rejects.toMatchObject(gone);
    await expect(launch({ ImageId })).rejects.toMatchObject(gone);
    await expect(describeImages(ImageId, 'ami-00000000000000000')).rejects.toMatchObject({
      name: 'InvalidAMIID.NotFound',
    });
  });
});

async function launch(changes: Partial<sdk.RunInstancesCommandInput> = {}): Promise<string> {
  const order = { ImageId: test.sourceAmi, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...changes } as const;
  const { Instances = [] } = await test.ec2.send(new sdk.RunInstancesCommand(order));
  return Instances[0]?.InstanceId ?? '';
}

async function modify(change: sdk.ModifyInstanceAttributeCommandInput): Promise<void> {
  await test.ec2.send(new sdk.ModifyInstanceAttributeCommand(change));
}

async function describeInstance(id: string): Promise<sdk.Instance> {
  const { Reservations = [] } = await test.ec2.send(new sdk.DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations[0]?.Instances?.[0] ?? {};
}

async function describeImages(...ImageIds: string[]): Promise<readonly sdk.Image[]> {
  return (await test.ec2.send(new sdk.DescribeImagesCommand({ ImageIds }))).Images ?? [];
}
