import {
  CreateImageCommand,
  DescribeInstanceStatusCommand,
  type EC2Client,
  GetConsoleOutputCommand,
  RebootInstancesCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { createError } from '../errors.js';
import type { ImageOrder, InstanceControl, LaunchOrder } from './ec2-ports.js';
import type { ResourceLookups } from './resource-lookups.js';
import { toTags } from './tags.js';
import { awsErrorCode, callAws, callAwsOrMiss, translateAwsError } from './translate-error.js';

/** What EC2 says when another type or zone may work. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const NO_CAPACITY = [
  'InsufficientInstanceCapacity',
  'InsufficientHostCapacity',
  'InsufficientFreeAddressesInSubnet',
  'InstanceLimitExceeded',
  'VcpuLimitExceeded',
  'MaxSpotInstanceCountExceeded',
  'SpotMaxPriceTooLow',
  'Unsupported',
];

/** Instances of the build `caller`. */
export function createInstanceControl(
  ec2: EC2Client,
  { instances }: Pick<ResourceLookups, 'instances'>,
  caller: string,
): InstanceControl {
  return {
    async launch(order) {
      try {
        const { Instances = [] } = await ec2.send(new RunInstancesCommand(toRunInstances(order)));
        return Instances[0]?.InstanceId ?? '';
      } catch (error) {
        if (!NO_CAPACITY.includes(awsErrorCode(error))) throw translateAwsError('ec2:RunInstances', error);
        throw createError('EC2_NO_CAPACITY', [`${describeOrder(order)}: ${awsErrorCode(error)}`], { cause: error });
      }
    },
    async findInstance(id) {
      const [found] = await instances('instance-id', [id], caller);
      if (found === undefined) return undefined;
      const { tags: _tags, ...view } = found;
      return view;
    },
    async stop(id) {
      await callAws('ec2:StopInstances', () => ec2.send(new StopInstancesCommand({ InstanceIds: [id] })));
    },
    async reboot(id) {
      await callAws('ec2:RebootInstances', () => ec2.send(new RebootInstancesCommand({ InstanceIds: [id] })));
    },
    async findChecks(id) {
      // There is no filter by id.
      const answer = await callAwsOrMiss('ec2:DescribeInstanceStatus', ['InvalidInstanceID.NotFound'], () =>
        ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [id] })),
      );
      const [found] = answer?.InstanceStatuses ?? [];
      const checks = [found?.SystemStatus?.Status, found?.InstanceStatus?.Status];
      if (checks.includes('impaired')) return 'impaired';
      return checks.every((status) => status === 'ok') ? 'passed' : 'pending';
    },
    async readConsole(id) {
      // Only Nitro types have the latest; the others show what they wrote when they booted.
      const latest = await callAwsOrMiss('ec2:GetConsoleOutput', ['UnsupportedOperation'], () =>
        ec2.send(new GetConsoleOutputCommand({ InstanceId: id, Latest: true })),
      );
      const { Output = '' } =
        latest ??
        (await callAws('ec2:GetConsoleOutput', () => ec2.send(new GetConsoleOutputCommand({ InstanceId: id }))));
      return Buffer.from(Output, 'base64').toString('utf8');
    },
    async createImage(order) {
      const { ImageId = '' } = await callAws('ec2:CreateImage', () => ec2.send(toCreateImage(order)));
      return ImageId;
    },
  };
}

function toRunInstances(order: LaunchOrder): RunInstancesCommandInput {
  const { instanceType, subnetId, securityGroupIds, associatePublicIpAddress, rootVolume } = order;
  const groups = securityGroupIds === undefined ? undefined : [...securityGroupIds];
  const place =
    associatePublicIpAddress === undefined
      ? { SubnetId: subnetId, SecurityGroupIds: groups }
      : {
          NetworkInterfaces: [
            { DeviceIndex: 0, SubnetId: subnetId, Groups: groups, AssociatePublicIpAddress: associatePublicIpAddress },
          ],
        };
  return {
    ClientToken: order.clientToken,
    ImageId: order.imageId,
    InstanceType: instanceType as NonNullable<RunInstancesCommandInput['InstanceType']>,
    MinCount: 1,
    MaxCount: 1,
    ...(order.instanceProfile === undefined ? {} : { IamInstanceProfile: { Name: order.instanceProfile } }),
    InstanceInitiatedShutdownBehavior: 'terminate',
    MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled' },
    UserData: Buffer.from(order.userData).toString('base64'),
    TagSpecifications: listTagged(order).map((kind) => ({ ResourceType: kind, Tags: toTags(order.tags) })),
    ...place,
    ...(order.isSpot ? { InstanceMarketOptions: { MarketType: 'spot' as const } } : {}),
    ...(rootVolume === undefined ? {} : { BlockDeviceMappings: [toMapping(rootVolume)] }),
  };
}

/** EC2 refuses tags of a kind that a launch does not make. */
function listTagged({ isSpot }: LaunchOrder) {
  const kinds = ['instance', 'volume', 'network-interface'] as const;
  return isSpot ? [...kinds, 'spot-instances-request' as const] : kinds;
}

function toMapping({ deviceName, sizeGib, type, encrypted, kmsKeyId }: NonNullable<LaunchOrder['rootVolume']>) {
  return {
    DeviceName: deviceName,
    Ebs: {
      DeleteOnTermination: true,
      ...(sizeGib === undefined ? {} : { VolumeSize: sizeGib }),
      ...(type === undefined ? {} : { VolumeType: type as 'gp3' }),
      ...(encrypted === true ? { Encrypted: true } : {}),
      ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
    },
  };
}

function toCreateImage({ instanceId, name, description, tags }: ImageOrder): CreateImageCommand {
  return new CreateImageCommand({
    InstanceId: instanceId,
    Name: name,
    ...(description === '' ? {} : { Description: description }),
    TagSpecifications: (['image', 'snapshot'] as const).map((kind) => ({ ResourceType: kind, Tags: toTags(tags) })),
  });
}

function describeOrder({ instanceType, subnetId, isSpot }: LaunchOrder): string {
  return [instanceType, ...(isSpot ? ['spot'] : []), ...(subnetId === undefined ? [] : [`in ${subnetId}`])].join(' ');
}
