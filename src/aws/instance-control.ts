import {
  CreateImageCommand,
  DescribeInstancesCommand,
  type EC2Client,
  GetConsoleOutputCommand,
  RebootInstancesCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { createError } from '../errors.js';
import type { ImageOrder, InstanceControl, LaunchOrder } from './ec2-ports.js';
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

export function createInstanceControl(ec2: EC2Client): InstanceControl {
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
      // By filter: an id that EC2 does not know yet is an empty list then, not an error.
      const { Reservations = [] } = await callAws('ec2:DescribeInstances', () =>
        ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [id] }] })),
      );
      const found = Reservations.flatMap(({ Instances = [] }) => Instances)[0];
      if (found === undefined) return undefined;
      return {
        id,
        state: found.State?.Name ?? '',
        reason: found.StateReason?.Message ?? found.StateTransitionReason ?? '',
        isSpot: found.InstanceLifecycle === 'spot',
        ...(found.PublicIpAddress === undefined ? {} : { publicIp: found.PublicIpAddress }),
        ...(found.PrivateIpAddress === undefined ? {} : { privateIp: found.PrivateIpAddress }),
      };
    },
    async stop(id) {
      await callAws('ec2:StopInstances', () => ec2.send(new StopInstancesCommand({ InstanceIds: [id] })));
    },
    async reboot(id) {
      await callAws('ec2:RebootInstances', () => ec2.send(new RebootInstancesCommand({ InstanceIds: [id] })));
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

function toMapping({ deviceName, sizeGib, type, encrypted }: NonNullable<LaunchOrder['rootVolume']>) {
  return {
    DeviceName: deviceName,
    Ebs: {
      DeleteOnTermination: true,
      ...(sizeGib === undefined ? {} : { VolumeSize: sizeGib }),
      ...(type === undefined ? {} : { VolumeType: type as 'gp3' }),
      ...(encrypted === true ? { Encrypted: true } : {}),
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

function toTags(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function describeOrder({ instanceType, subnetId, isSpot }: LaunchOrder): string {
  return [instanceType, ...(isSpot ? ['spot'] : []), ...(subnetId === undefined ? [] : [`in ${subnetId}`])].join(' ');
}
