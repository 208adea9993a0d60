import { readFileSync } from 'node:fs';
import * as sdk from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import { ACTIONS, type Action, type ActionSender, openActionSender } from '../../support/sdk-actions.js';

const EC2_ACTIONS = ACTIONS.filter(({ service }) => service === 'ec2');

let test: TestSandbox;
let sender: ActionSender;
let requests: Readonly<Record<string, object>>;
beforeAll(async () => {
  test = await startTestSandbox();
  sender = openActionSender(test);
  requests = await describeRequests();
});
afterAll(async () => {
  sender.close();
  await test.sandbox.close();
});

describe('DryRun', () => {
  it('ends every action of EC2 that would have succeeded, and nothing is done', async () => {
    const before = await readWorld();

    const others: string[] = [];
    for (const action of EC2_ACTIONS) {
      const code = await codeOf(action, { ...requests[action.operation.name], DryRun: true });
      if (code !== 'DryRunOperation') others.push(`${action.operation.name}: ${code}`);
    }

    expect(others).toEqual([]);
    expect(await readWorld()).toEqual(before);
  });

  it('says of every action of EC2 that is not allowed that it is not', async () => {
    test.sandbox.loadPolicy({ Version: '2012-10-17', Statement: [] });

    const others: string[] = [];
    for (const action of EC2_ACTIONS) {
      const code = await codeOf(action, { ...requests[action.operation.name], DryRun: true });
      if (code !== 'UnauthorizedOperation') others.push(`${action.operation.name}: ${code}`);
    }

    test.sandbox.loadPolicy(undefined);
    expect(others).toEqual([]);
  });

  it('is told what is wrong when the action would have failed', async () => {
    const missing = { ImageIds: ['ami-00000000000000000'], DryRun: true };

    await expect(test.ec2.send(new sdk.DescribeImagesCommand(missing))).rejects.toMatchObject({
      name: 'InvalidAMIID.NotFound',
    });
  });
});

/** A request of each action that would succeed; those that are not here need nothing. */
async function describeRequests(): Promise<Readonly<Record<string, object>>> {
  const { ec2, sourceAmi } = test;
  const { Instances = [] } = await ec2.send(
    new sdk.RunInstancesCommand({ ImageId: sourceAmi, InstanceType: 't3.micro', MinCount: 1, MaxCount: 2 }),
  );
  const [running = '', stopped = ''] = Instances.map(({ InstanceId }) => InstanceId);
  await ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [stopped] }));
  await sdk.waitUntilInstanceStopped({ client: ec2, maxWaitTime: 10, minDelay: 1 }, { InstanceIds: [stopped] });
  const { ImageId = '' } = await ec2.send(new sdk.CreateImageCommand({ InstanceId: stopped, Name: 'golden' }));
  await sdk.waitUntilImageAvailable({ client: ec2, maxWaitTime: 10, minDelay: 1 }, { ImageIds: [ImageId] });
  const { ImageId: other = '' } = await ec2.send(new sdk.CreateImageCommand({ InstanceId: stopped, Name: 'loose' }));
  await sdk.waitUntilImageAvailable({ client: ec2, maxWaitTime: 10, minDelay: 1 }, { ImageIds: [other] });
  const { Images = [] } = await ec2.send(new sdk.DescribeImagesCommand({ ImageIds: [other] }));
  const SnapshotId = Images[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
  await ec2.send(new sdk.DeregisterImageCommand({ ImageId: other }));
  const { GroupId } = await ec2.send(new sdk.CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' }));
  const rule = { GroupId, IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '127.0.0.1/32' };
  await ec2.send(new sdk.AuthorizeSecurityGroupIngressCommand(rule));
  const { Volumes = [] } = await ec2.send(
    new sdk.DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [stopped] }] }),
  );
  const [{ VolumeId = '' } = {}] = Volumes;
  const keep = { DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: false } };
  await ec2.send(new sdk.ModifyInstanceAttributeCommand({ InstanceId: stopped, BlockDeviceMappings: [keep] }));
  await ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds: [stopped] }));
  await sdk.waitUntilInstanceTerminated({ client: ec2, maxWaitTime: 10, minDelay: 1 }, { InstanceIds: [stopped] });
  const { Instances: [{ InstanceId: halted = '' } = {}] = [] } = await ec2.send(
    new sdk.RunInstancesCommand({ ImageId: sourceAmi, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
  );
  await ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [halted] }));
  await sdk.waitUntilInstanceStopped({ client: ec2, maxWaitTime: 10, minDelay: 1 }, { InstanceIds: [halted] });
  const template = { LaunchTemplateName: 'web', LaunchTemplateData: { ImageId } };
  await ec2.send(new sdk.CreateLaunchTemplateCommand(template));
  const ids = { InstanceIds: [running] };
  const shared = { OperationType: 'add', UserIds: ['222222222222'] };
  return {
    CreateKeyPair: { KeyName: 'mine' },
    ImportKeyPair: { KeyName: 'mine', PublicKeyMaterial: Buffer.from(`ssh-ed25519 ${'A'.repeat(68)}`) },
    DeleteKeyPair: { KeyName: 'mine' },
    CreateSecurityGroup: { GroupName: 'db', Description: 'db' },
    AuthorizeSecurityGroupIngress: { ...rule, ToPort: 23 },
    AuthorizeSecurityGroupEgress: {
      GroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 2, IpRanges: [{ CidrIp: '127.0.0.1/32' }] }],
    },
    RevokeSecurityGroupIngress: rule,
    DeleteSecurityGroup: { GroupId },
    RunInstances: { ImageId: sourceAmi, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 },
    StopInstances: ids,
    StartInstances: { InstanceIds: [halted] },
    RebootInstances: ids,
    TerminateInstances: ids,
    ModifyInstanceAttribute: { InstanceId: running, DisableApiTermination: { Value: true } },
    GetConsoleOutput: { InstanceId: running },
    CreateImage: { InstanceId: running, Name: 'silver' },
    CopyImage: { SourceImageId: ImageId, SourceRegion: 'us-east-1', Name: 'copy' },
    RegisterImage: {
      Name: 'registered',
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId } }],
    },
    DeregisterImage: { ImageId },
    EnableImageDeprecation: { ImageId, DeprecateAt: new Date('2030-01-01T00:00:00Z') },
    DisableImageDeprecation: { ImageId },
    EnableImageDeregistrationProtection: { ImageId },
    DisableImageDeregistrationProtection: { ImageId },
    DisableImage: { ImageId },
    EnableImage: { ImageId },
    ModifyImageAttribute: { ImageId, ...shared },
    DescribeImageAttribute: { ImageId, Attribute: 'description' },
    ResetImageAttribute: { ImageId, Attribute: 'launchPermission' },
    DeleteSnapshot: { SnapshotId },
    ModifySnapshotAttribute: { SnapshotId, ...shared },
    DescribeSnapshotAttribute: { SnapshotId, Attribute: 'createVolumePermission' },
    ResetSnapshotAttribute: { SnapshotId, Attribute: 'createVolumePermission' },
    DeleteVolume: { VolumeId },
    CreateLaunchTemplate: { ...template, LaunchTemplateName: 'database' },
    ModifyLaunchTemplate: { LaunchTemplateName: 'web', DefaultVersion: '1' },
    DeleteLaunchTemplate: { LaunchTemplateName: 'web' },
    CreateLaunchTemplateVersion: template,
    DescribeLaunchTemplateVersions: { LaunchTemplateName: 'web' },
    CreateTags: { Resources: [ImageId], Tags: [{ Key: 'team', Value: 'web' }] },
    DeleteTags: { Resources: [ImageId] },
    EnableAllowedImagesSettings: { AllowedImagesSettingsState: 'enabled' },
    EnableImageBlockPublicAccess: { ImageBlockPublicAccessState: 'block-new-sharing' },
    EnableSnapshotBlockPublicAccess: { State: 'block-all-sharing' },
    ModifyEbsDefaultKmsKeyId: { KmsKeyId: 'alias/aws/ebs' },
  };
}

async function codeOf(action: Action, input: object): Promise<string> {
  try {
    await sender.send(action, input);
    return 'done';
  } catch (error) {
    return (error as Error).name;
  }
}

/** What the sandbox has written down; an answered call writes what is new. */
async function readWorld(): Promise<unknown> {
  await test.ec2.send(new sdk.DescribeRegionsCommand({}));
  return JSON.parse(readFileSync(`${test.sandbox.paths.stateDir}/world.json`, 'utf8'));
}
