import { createPrivateKey } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import * as sdk from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { clientOptions, startTestSandbox, systemClock, type TestSandbox } from '../../support/a-sandbox.js';
import { createFakeInstanceDriver } from '../../support/fake-instance-driver.js';

let test: TestSandbox;
beforeEach(async () => {
  test = await startTestSandbox();
});
afterEach(() => test.sandbox.close());

async function launch(changes: Partial<sdk.RunInstancesCommandInput> = {}): Promise<string> {
  const { Instances = [] } = await test.ec2.send(
    new sdk.RunInstancesCommand({
      ImageId: test.sourceAmi,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      ...changes,
    }),
  );
  return Instances[0]?.InstanceId ?? '';
}

async function describeInstance(id: string): Promise<sdk.Instance> {
  const { Reservations = [] } = await test.ec2.send(new sdk.DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations[0]?.Instances?.[0] ?? {};
}

async function describeImage(id: string | undefined): Promise<sdk.Image> {
  const { Images = [] } = await test.ec2.send(new sdk.DescribeImagesCommand({ ImageIds: [id ?? ''] }));
  return Images[0] ?? {};
}

async function createImage(
  name: string,
): Promise<{ readonly instanceId: string; readonly imageId: string; readonly snapshotId: string }> {
  const instanceId = await launch();
  await test.ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [instanceId] }));
  await sdk.waitUntilInstanceStopped({ client: test.ec2, maxWaitTime: 10, minDelay: 1 }, { InstanceIds: [instanceId] });
  const { ImageId: imageId = '' } = await test.ec2.send(
    new sdk.CreateImageCommand({ InstanceId: instanceId, Name: name }),
  );
  await sdk.waitUntilImageAvailable({ client: test.ec2, maxWaitTime: 10, minDelay: 1 }, { ImageIds: [imageId] });
  const image = await describeImage(imageId);
  return { instanceId, imageId, snapshotId: image.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '' };
}

describe('RunInstances', () => {
  it('launches a machine with the key, user data and addresses that were asked for', async () => {
    await test.ec2.send(new sdk.CreateKeyPairCommand({ KeyName: 'mine' }));

    const id = await launch({ KeyName: 'mine', UserData: Buffer.from('#!/bin/sh').toString('base64') });

    const [request] = test.driver.launches;
    expect(request).toMatchObject({ instanceId: id, rootVolumeSizeGib: 8, architecture: 'x86_64' });
    expect(request?.metadata).toMatchObject({
      keyName: 'mine',
      userData: '#!/bin/sh',
      region: 'us-east-1',
      imageId: test.sourceAmi,
    });
    expect(request?.metadata.publicKey).toMatch(/^ssh-rsa \S+ mine$/);
    expect(request?.publicIp).toMatch(/^127\.\d+\.\d+\.\d+$/);
    expect(await describeInstance(id)).toMatchObject({
      State: { Name: 'running' },
      PublicIpAddress: request?.publicIp,
    });
  });

  it('launches once for the same client token, and refuses it for another request', async () => {
    const first = await launch({ ClientToken: 'once' });

    const second = await launch({ ClientToken: 'once' });

    expect(second).toBe(first);
    expect(test.driver.launches).toHaveLength(1);
    await expect(launch({ ClientToken: 'once', InstanceType: 't3.small' })).rejects.toMatchObject({
      name: 'IdempotentParameterMismatch',
    });
  });

  it('launches without a metadata service when asked to', async () => {
    const without = await launch({ MetadataOptions: { HttpEndpoint: 'disabled' } });
    const withOne = await launch();

    expect(test.driver.launches.map(({ metadata }) => metadata.isTurnedOff)).toEqual([true, false]);
    expect(await describeInstance(without)).toMatchObject({ MetadataOptions: { HttpEndpoint: 'disabled' } });
    expect(await describeInstance(withOne)).toMatchObject({ MetadataOptions: { HttpEndpoint: 'enabled' } });
  });

  it('says why a machine did not start', async () => {
    test.driver.failNext('launch', 'no space left');

    const id = await launch();

    expect(await describeInstance(id)).toMatchObject({
      State: { Name: 'terminated' },
      StateReason: { Code: 'Server.InternalError', Message: expect.stringContaining('no space left') },
    });
  });

  it.each<[string, Partial<sdk.RunInstancesCommandInput>, string]>([
    ['an AMI that is not there', { ImageId: 'ami-00000000000000000' }, 'InvalidAMIID.NotFound'],
    ['an AMI id that is none', { ImageId: 'debian' }, 'InvalidAMIID.Malformed'],
    ['a key pair that is not there', { KeyName: 'lost' }, 'InvalidKeyPair.NotFound'],
    ['a security group that is not there', { SecurityGroupIds: ['sg-00000000000000000'] }, 'InvalidGroup.NotFound'],
    ['a subnet that is not there', { SubnetId: 'subnet-0' }, 'InvalidSubnetID.NotFound'],
    ['an instance type that is none', { InstanceType: 'huge' as 't3.micro' }, 'InvalidParameterValue'],
    ['an instance type of another architecture', { InstanceType: 't4g.micro' }, 'InvalidParameterValue'],
    [
      'a root volume smaller than the image',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 4 } }] },
      'InvalidBlockDeviceMapping',
    ],
    [
      'a second volume',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvdb', Ebs: { VolumeSize: 4 } }] },
      'UnsupportedOperation',
    ],
    [
      'tags for what it does not make',
      { TagSpecifications: [{ ResourceType: 'image', Tags: [] }] },
      'InvalidParameterValue',
    ],
    [
      'a reserved tag',
      { TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'aws:x', Value: '1' }] }] },
      'InvalidParameterValue',
    ],
    ['a dry run', { DryRun: true }, 'DryRunOperation'],
  ])('refuses %s', async (_what, changes, code) => {
    await expect(launch(changes)).rejects.toMatchObject({ name: code });
    expect(test.driver.launches).toEqual([]);
  });
});

describe('the life of an instance', () => {
  it('stays pending until the machine is up', async () => {
    await test.sandbox.close();
    test = await startTestSandbox({ driver: createFakeInstanceDriver({ boots: false }) });
    const id = await launch();

    expect((await describeInstance(id)).State?.Name).toBe('pending');
    test.driver.move(id, 'running');

    expect((await describeInstance(id)).State?.Name).toBe('running');
  });

  it('holds a waiter’s answer back until the state changes', async () => {
    await test.sandbox.close();
    test = await startTestSandbox({ driver: createFakeInstanceDriver({ boots: false }) });
    const id = await launch();
    const waiter = new sdk.EC2Client({ ...clientOptions(test.sandbox, 'us-east-1'), customUserAgent: 'Waiter' });
    let isAnswered = false;

    const answer = waiter.send(new sdk.DescribeInstancesCommand({ InstanceIds: [id] })).then((output) => {
      isAnswered = true;
      return output;
    });
    await systemClock.wait(300);
    const wasHeld = !isAnswered;
    test.driver.move(id, 'running');

    expect((await answer).Reservations?.[0]?.Instances?.[0]?.State?.Name).toBe('running');
    expect(wasHeld).toBe(true);
  });

  it('ends when its guest powers off and it was launched to terminate then', async () => {
    const id = await launch({ InstanceInitiatedShutdownBehavior: 'terminate' });

    test.driver.move(id, 'stopping');
    test.driver.move(id, 'stopped');
    await sdk.waitUntilInstanceTerminated({ client: test.ec2, maxWaitTime: 5, minDelay: 1 }, { InstanceIds: [id] });

    expect((await describeInstance(id)).StateReason?.Code).toBe('Client.InstanceInitiatedShutdown');
    expect(test.driver.calls).toContain(`terminate ${id}`);
  });

  it('stops, starts again and keeps its addresses', async () => {
    const id = await launch();
    const before = await describeInstance(id);

    await test.ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [id] }));
    const stopped = await describeInstance(id);
    await test.ec2.send(new sdk.StartInstancesCommand({ InstanceIds: [id] }));

    expect(stopped.State?.Name).toBe('stopped');
    expect(await describeInstance(id)).toMatchObject({
      State: { Name: 'running' },
      PrivateIpAddress: before.PrivateIpAddress,
    });
  });

  it('is shown as terminated for a while, with its volume gone', async () => {
    const id = await launch();

    await test.ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds: [id] }));
    const again = await test.ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds: [id] }));

    expect(again.TerminatingInstances?.[0]?.CurrentState?.Name).toBe('terminated');
    expect((await describeInstance(id)).State).toMatchObject({ Name: 'terminated', Code: 48 });
    expect((await test.ec2.send(new sdk.DescribeVolumesCommand({}))).Volumes).toEqual([]);
  });

  it('leaves a volume behind that was to be kept', async () => {
    const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: false } }];
    const id = await launch({ BlockDeviceMappings });

    await test.ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds: [id] }));
    await describeInstance(id);

    const { Volumes = [] } = await test.ec2.send(new sdk.DescribeVolumesCommand({}));
    expect(Volumes.map(({ State }) => State)).toEqual(['available']);
  });

  it('refuses what its state does not allow', async () => {
    const id = await launch();
    await test.ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds: [id] }));

    await expect(test.ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
      name: 'IncorrectInstanceState',
    });
    await expect(test.ec2.send(new sdk.CreateImageCommand({ InstanceId: id, Name: 'late' }))).rejects.toMatchObject({
      name: 'IncorrectInstanceState',
    });
    await expect(describeInstance('i-00000000000000000')).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
    await expect(describeInstance('web')).rejects.toMatchObject({ name: 'InvalidInstanceID.Malformed' });
  });

  it('gives its console', async () => {
    const id = await launch();

    const { Output = '' } = await test.ec2.send(new sdk.GetConsoleOutputCommand({ InstanceId: id }));

    expect(Buffer.from(Output, 'base64').toString()).toBe(`console of ${id}\n`);
  });
});

describe('images', () => {
  it('are captured from a stopped instance and can be launched', async () => {
    const { imageId, snapshotId } = await createImage('web-1');

    const id = await launch({ ImageId: imageId });

    expect(await describeImage(imageId)).toMatchObject({
      State: 'available',
      Name: 'web-1',
      RootDeviceType: 'ebs',
      StateReason: { Code: 'available' },
    });
    expect(test.driver.launches.at(-1)).toMatchObject({
      instanceId: id,
      baseImage: expect.stringContaining(`${snapshotId}.qcow2`),
    });
  });

  it('turn a running instance off and on again', async () => {
    const id = await launch();

    const { ImageId } = await test.ec2.send(new sdk.CreateImageCommand({ InstanceId: id, Name: 'live' }));
    await sdk.waitUntilImageAvailable(
      { client: test.ec2, maxWaitTime: 10, minDelay: 1 },
      { ImageIds: [ImageId ?? ''] },
    );

    expect(test.driver.calls.slice(-3)).toEqual([`stop ${id}`, `capture ${id}`, `start ${id}`]);
    expect((await describeInstance(id)).State?.Name).toBe('running');
    const live = new sdk.CreateImageCommand({ InstanceId: id, Name: 'live-2', NoReboot: true });
    await expect(test.ec2.send(live)).rejects.toMatchObject({ name: 'UnsupportedOperation' });
  });

  it('fail with the reason when the disk cannot be read', async () => {
    const id = await launch();
    test.driver.failNext('capture', 'disk full');

    const { ImageId } = await test.ec2.send(new sdk.CreateImageCommand({ InstanceId: id, Name: 'broken' }));
    await systemClock.wait(100);

    expect(await describeImage(ImageId)).toMatchObject({
      State: 'failed',
      StateReason: { Message: expect.stringContaining('disk full') },
    });
  });

  it('leave nothing behind when they are deregistered while pending', async () => {
    const id = await launch();
    const release = test.driver.holdCaptures();
    const { ImageId } = await test.ec2.send(new sdk.CreateImageCommand({ InstanceId: id, Name: 'cancelled' }));
    const pending = await describeImage(ImageId);

    await test.ec2.send(new sdk.DeregisterImageCommand({ ImageId }));
    release();
    await systemClock.wait(200);

    expect(pending.State).toBe('pending');
    expect((await test.ec2.send(new sdk.DescribeSnapshotsCommand({ OwnerIds: ['self'] }))).Snapshots).toEqual([]);
    expect(await readdir(test.sandbox.paths.imagesDir)).toEqual([]);
  });

  it('may be terminated under: the machine ends after its disk was read', async () => {
    const id = await launch();
    const release = test.driver.holdCaptures();
    const { ImageId } = await test.ec2.send(new sdk.CreateImageCommand({ InstanceId: id, Name: 'saved' }));

    await test.ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds: [id] }));
    const meanwhile = (await describeInstance(id)).State?.Name;
    release();
    await sdk.waitUntilImageAvailable(
      { client: test.ec2, maxWaitTime: 10, minDelay: 1 },
      { ImageIds: [ImageId ?? ''] },
    );
    await sdk.waitUntilInstanceTerminated({ client: test.ec2, maxWaitTime: 10, minDelay: 1 }, { InstanceIds: [id] });

    expect(meanwhile).toBe('shutting-down');
    expect(test.driver.calls.slice(-2)).toEqual([`capture ${id}`, `terminate ${id}`]);
  });

  it('keep their file until no snapshot and no instance needs it', async () => {
    const { imageId, snapshotId } = await createImage('web-1');
    const eu = test.ec2In('eu-west-1');
    const copy = await eu.send(
      new sdk.CopyImageCommand({ Name: 'web-1', SourceImageId: imageId, SourceRegion: 'us-east-1' }),
    );
    const instance = await launch({ ImageId: imageId });
    const files = async () => (await readdir(test.sandbox.paths.imagesDir)).length;

    await expect(test.ec2.send(new sdk.DeleteSnapshotCommand({ SnapshotId: snapshotId }))).rejects.toMatchObject({
      name: 'InvalidSnapshot.InUse',
    });
    await test.ec2.send(new sdk.DeregisterImageCommand({ ImageId: imageId, DeleteAssociatedSnapshots: true }));
    const afterSource = await files();
    await eu.send(new sdk.DeregisterImageCommand({ ImageId: copy.ImageId, DeleteAssociatedSnapshots: true }));
    const afterCopy = await files();
    await test.ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds: [instance] }));
    await systemClock.wait(200);

    expect([afterSource, afterCopy, await files()]).toEqual([1, 1, 0]);
  });

  it('have names that are well-formed and free', async () => {
    const { instanceId } = await createImage('web-1');
    const create = (Name: string) => test.ec2.send(new sdk.CreateImageCommand({ InstanceId: instanceId, Name }));

    await expect(create('web-1')).rejects.toMatchObject({ name: 'InvalidAMIName.Duplicate' });
    await expect(create('no')).rejects.toMatchObject({ name: 'InvalidAMIName.Malformed' });
    await expect(create('a{{b}}')).rejects.toMatchObject({ name: 'InvalidAMIName.Malformed' });
  });

  it('are found by owner, wildcard and tag', async () => {
    const { imageId } = await createImage('web-1');
    await test.ec2.send(new sdk.CreateTagsCommand({ Resources: [imageId], Tags: [{ Key: 'team', Value: 'web' }] }));
    const find = async (input: sdk.DescribeImagesCommandInput) =>
      (await test.ec2.send(new sdk.DescribeImagesCommand(input))).Images?.map(({ ImageId }) => ImageId);

    expect(await find({ Owners: ['self'] })).toEqual([imageId]);
    expect(await find({ Owners: ['136693071363'] })).toEqual([test.sourceAmi]);
    expect(await find({ Owners: ['amazon'] })).toEqual([]);
    expect(await find({ Filters: [{ Name: 'name', Values: ['web-?', 'x*'] }] })).toEqual([imageId]);
    expect(await find({ Filters: [{ Name: 'tag:team', Values: ['w*b'] }] })).toEqual([imageId]);
    expect(await find({ Filters: [{ Name: 'name', Values: ['web\\*'] }] })).toEqual([]);
    await expect(find({ Filters: [{ Name: 'colour', Values: ['red'] }] })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  it('can be shared, described and deprecated by their owner only', async () => {
    const { imageId } = await createImage('web-1');
    const share = { LaunchPermission: { Add: [{ UserId: '111111111111' }, { Group: 'all' as const }] } };

    await test.ec2.send(new sdk.ModifyImageAttributeCommand({ ImageId: imageId, ...share }));
    await test.ec2.send(new sdk.ModifyImageAttributeCommand({ ImageId: imageId, Description: { Value: 'new' } }));
    const year = new Date().getUTCFullYear() + 1;
    await test.ec2.send(
      new sdk.EnableImageDeprecationCommand({ ImageId: imageId, DeprecateAt: new Date(`${year}-01-01`) }),
    );

    expect(await describeImage(imageId)).toMatchObject({
      Public: true,
      Description: 'new',
      DeprecationTime: `${year}-01-01T00:00:00.000Z`,
    });
    const foreign = new sdk.DeregisterImageCommand({ ImageId: test.sourceAmi });
    await expect(test.ec2.send(foreign)).rejects.toMatchObject({ name: 'AuthFailure' });
  });

  it('are registered from a snapshot', async () => {
    const { snapshotId } = await createImage('web-1');
    const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshotId } }];

    const { ImageId } = await test.ec2.send(
      new sdk.RegisterImageCommand({
        Name: 'again',
        RootDeviceName: '/dev/xvda',
        Architecture: 'x86_64',
        BlockDeviceMappings,
      }),
    );

    expect(await describeImage(ImageId)).toMatchObject({ State: 'available', Name: 'again' });
  });
});

describe('key pairs', () => {
  it.each(['rsa', 'ed25519'] as const)('come with a private key of the type %s that opens', async (KeyType) => {
    const pair = await test.ec2.send(new sdk.CreateKeyPairCommand({ KeyName: `key-${KeyType}`, KeyType }));

    const material = pair.KeyMaterial ?? '';
    if (KeyType === 'rsa')
      expect(createPrivateKey(material).asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
    expect(material).toContain(
      KeyType === 'rsa' ? '-----BEGIN RSA PRIVATE KEY-----' : '-----BEGIN OPENSSH PRIVATE KEY-----',
    );
  });

  it('have unique names and may be deleted twice', async () => {
    await test.ec2.send(new sdk.CreateKeyPairCommand({ KeyName: 'mine' }));

    await expect(test.ec2.send(new sdk.CreateKeyPairCommand({ KeyName: 'mine' }))).rejects.toMatchObject({
      name: 'InvalidKeyPair.Duplicate',
    });
    await test.ec2.send(new sdk.DeleteKeyPairCommand({ KeyName: 'mine' }));
    await test.ec2.send(new sdk.DeleteKeyPairCommand({ KeyName: 'mine' }));
    await expect(test.ec2.send(new sdk.DescribeKeyPairsCommand({ KeyNames: ['mine'] }))).rejects.toMatchObject({
      name: 'InvalidKeyPair.NotFound',
    });
  });
});

describe('security groups', () => {
  it('cannot be deleted while an instance uses them', async () => {
    const { GroupId = '' } = await test.ec2.send(
      new sdk.CreateSecurityGroupCommand({ GroupName: 'ssh', Description: 'in' }),
    );
    const id = await launch({ SecurityGroupIds: [GroupId] });

    await expect(test.ec2.send(new sdk.DeleteSecurityGroupCommand({ GroupId }))).rejects.toMatchObject({
      name: 'DependencyViolation',
    });
    await test.ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds: [id] }));
    await describeInstance(id);
    await test.ec2.send(new sdk.DeleteSecurityGroupCommand({ GroupId }));
    await expect(test.ec2.send(new sdk.DeleteSecurityGroupCommand({ GroupId }))).rejects.toMatchObject({
      name: 'InvalidGroup.NotFound',
    });
  });

  it('hold rules, each once', async () => {
    const { GroupId = '' } = await test.ec2.send(
      new sdk.CreateSecurityGroupCommand({ GroupName: 'ssh', Description: 'in' }),
    );
    const rule = (CidrIp: string) =>
      new sdk.AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp }] }],
      });

    await test.ec2.send(rule('10.0.0.1/32'));

    await expect(test.ec2.send(rule('10.0.0.1/32'))).rejects.toMatchObject({ name: 'InvalidPermission.Duplicate' });
    await expect(test.ec2.send(rule('10.0.0.1/33'))).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    const { SecurityGroups = [] } = await test.ec2.send(new sdk.DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
    expect(SecurityGroups[0]?.IpPermissions?.[0]).toMatchObject({
      FromPort: 22,
      IpRanges: [{ CidrIp: '10.0.0.1/32' }],
    });
    const twin = new sdk.CreateSecurityGroupCommand({ GroupName: 'ssh', Description: 'in' });
    await expect(test.ec2.send(twin)).rejects.toMatchObject({ name: 'InvalidGroup.Duplicate' });
  });
});

describe('lists', () => {
  it('are cut into pages', async () => {
    await launch({ MinCount: 3, MaxCount: 3 });

    const sizes: number[] = [];
    for await (const page of sdk.paginateDescribeInstances({ client: test.ec2, pageSize: 2 }, {})) {
      sizes.push(page.Reservations?.flatMap(({ Instances = [] }) => Instances).length ?? 0);
    }

    expect(sizes).toEqual([2, 1]);
    const mixed = new sdk.DescribeInstancesCommand({ InstanceIds: ['i-00000000000000000'], MaxResults: 5 });
    await expect(test.ec2.send(mixed)).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });

  it('are told apart by region', async () => {
    await launch();

    const elsewhere = await test.ec2In('eu-west-1').send(new sdk.DescribeInstancesCommand({}));

    expect(elsewhere.Reservations).toEqual([]);
  });

  it('of tags follow what was tagged and untagged', async () => {
    const id = await launch({
      TagSpecifications: [
        {
          ResourceType: 'instance',
          Tags: [
            { Key: 'a', Value: '1' },
            { Key: 'b', Value: '' },
          ],
        },
      ],
    });

    await test.ec2.send(new sdk.DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'a' }] }));

    const { Tags = [] } = await test.ec2.send(
      new sdk.DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id] }] }),
    );
    expect(Tags).toEqual([{ ResourceId: id, ResourceType: 'instance', Key: 'b', Value: '' }]);
    const lost = new sdk.CreateTagsCommand({ Resources: ['ami-00000000000000000'], Tags: [{ Key: 'a', Value: '1' }] });
    await expect(test.ec2.send(lost)).rejects.toMatchObject({ name: 'InvalidAMIID.NotFound' });
  });

  it('of regions, zones, networks and types are there to choose from', async () => {
    const { Regions = [] } = await test.ec2.send(new sdk.DescribeRegionsCommand({}));
    const { AvailabilityZones = [] } = await test.ec2.send(new sdk.DescribeAvailabilityZonesCommand({}));
    const { Vpcs = [] } = await test.ec2.send(
      new sdk.DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }),
    );
    const { Subnets = [] } = await test.ec2.send(new sdk.DescribeSubnetsCommand({}));
    const { InstanceTypes = [] } = await test.ec2.send(
      new sdk.DescribeInstanceTypesCommand({ InstanceTypes: ['c7i.large'] }),
    );

    expect(Regions.map(({ RegionName }) => RegionName)).toContain('eu-central-1');
    expect(AvailabilityZones.map(({ ZoneName }) => ZoneName)).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c']);
    expect(Vpcs).toHaveLength(1);
    expect(Subnets.map(({ VpcId }) => VpcId)).toEqual(Array(3).fill(Vpcs[0]?.VpcId));
    expect(InstanceTypes[0]).toMatchObject({ VCpuInfo: { DefaultVCpus: 2 }, MemoryInfo: { SizeInMiB: 4096 } });
  });
});
