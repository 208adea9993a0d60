import type { Instance, Reservation } from '@aws-sdk/client-ec2';
import { formatProfileArn } from '../iam/instance-profiles.js';
import type { InstanceRecord, InstanceState } from '../world/records.js';
import { getDefaultVpc } from '../world/regions.js';
import type { RequestContext } from '../world/services.js';
import { viewTags } from './tags.js';

const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function viewState(state: InstanceState) {
  return { Code: STATE_CODES[state], Name: state };
}

/** Instances that were launched together, as the replies have them. */
export function viewReservation(context: RequestContext, instances: readonly InstanceRecord[]): Reservation {
  return {
    ReservationId: instances[0]?.reservationId,
    OwnerId: context.accountId,
    Groups: [],
    Instances: instances.map((instance, index) => viewInstance(context, instance, index)),
  };
}

function viewInstance(context: RequestContext, instance: InstanceRecord, launchIndex: number): Instance {
  const hasNetwork = instance.state !== 'terminated' && instance.state !== 'shutting-down';
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    InstanceType: instance.instanceType as Instance['InstanceType'],
    Architecture: instance.architecture,
    State: viewState(instance.state),
    // Packer 1.6.6 crashes when it is interrupted and finds a reason without a state reason, so there always is one.
    StateReason: {
      Code: instance.stateReason?.code ?? instance.state,
      Message: instance.stateReason?.message ?? instance.state,
    },
    ...(instance.spotRequestId === undefined
      ? {}
      : { InstanceLifecycle: 'spot', SpotInstanceRequestId: instance.spotRequestId }),
    StateTransitionReason: instance.transitionReason,
    AmiLaunchIndex: launchIndex,
    LaunchTime: new Date(instance.launchedAt),
    KeyName: instance.keyName,
    ClientToken: instance.clientToken ?? '',
    Placement: { AvailabilityZone: instance.availabilityZone, GroupName: '', Tenancy: 'default' },
    Monitoring: { State: 'disabled' },
    Hypervisor: 'xen',
    VirtualizationType: 'hvm',
    EbsOptimized: false,
    EnaSupport: true,
    SourceDestCheck: true,
    RootDeviceType: 'ebs',
    RootDeviceName: instance.rootDeviceName,
    MetadataOptions: {
      State: 'applied',
      HttpEndpoint: instance.metadataOptions.httpEndpoint,
      HttpTokens: instance.metadataOptions.httpTokens,
      HttpPutResponseHopLimit: instance.metadataOptions.hopLimit,
      HttpProtocolIpv6: 'disabled',
      InstanceMetadataTags: 'disabled',
    },
    ...(instance.iamInstanceProfile === undefined
      ? {}
      : { IamInstanceProfile: viewProfile(context, instance.iamInstanceProfile) }),
    BlockDeviceMappings: viewBlockDevices(context, instance),
    PrivateDnsName: hasNetwork ? toPrivateName(instance) : '',
    PublicDnsName: '',
    ...(hasNetwork ? viewNetwork(context, instance) : { NetworkInterfaces: [], SecurityGroups: [] }),
    Tags: viewTags(instance.tags),
  };
}

function viewProfile(context: RequestContext, arn: string): Instance['IamInstanceProfile'] {
  const profile = context.world.instanceProfiles.list().find((each) => formatProfileArn(context, each) === arn);
  return { Arn: arn, Id: profile?.profileId };
}

function viewBlockDevices({ world }: RequestContext, instance: InstanceRecord): Instance['BlockDeviceMappings'] {
  const volume = world.volumes.find(instance.volumeId);
  if (volume === undefined || volume.instanceId !== instance.id) return [];
  return [
    {
      DeviceName: instance.rootDeviceName,
      Ebs: {
        VolumeId: volume.id,
        Status: 'attached',
        AttachTime: new Date(instance.launchedAt),
        DeleteOnTermination: volume.deleteOnTermination,
      },
    },
  ];
}

function viewNetwork(context: RequestContext, instance: InstanceRecord): Partial<Instance> {
  const vpcId = getDefaultVpc(instance.region).id;
  const groups = instance.securityGroupIds.map((id) => ({
    GroupId: id,
    GroupName: context.world.securityGroups.find(id)?.name ?? id,
  }));
  const isReachable = instance.state === 'pending' || instance.state === 'running' || instance.state === 'stopping';
  const publicAddress = isReachable ? { PublicIpAddress: instance.publicIp } : {};
  return {
    VpcId: vpcId,
    SubnetId: instance.subnetId,
    PrivateIpAddress: instance.privateIp,
    ...publicAddress,
    SecurityGroups: groups,
    NetworkInterfaces: [
      {
        NetworkInterfaceId: instance.networkInterfaceId,
        OwnerId: context.accountId,
        VpcId: vpcId,
        SubnetId: instance.subnetId,
        Status: 'in-use',
        InterfaceType: 'interface',
        SourceDestCheck: true,
        MacAddress: instance.macAddress,
        PrivateIpAddress: instance.privateIp,
        PrivateDnsName: toPrivateName(instance),
        Groups: groups,
        ...(isReachable
          ? { Association: { PublicIp: instance.publicIp, PublicDnsName: '', IpOwnerId: 'amazon' } }
          : {}),
        Attachment: { DeviceIndex: 0, Status: 'attached', DeleteOnTermination: true },
      },
    ],
  };
}

function toPrivateName({ privateIp, region }: InstanceRecord): string {
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  return `ip-${privateIp.replaceAll('.', '-')}.${domain}`;
}
