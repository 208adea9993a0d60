import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { checked, done, idleOneOf, type MemberRules, oneOf, withoutEffect } from '../members/member-rules.js';
import { tagsOf, VOLUME } from './members.js';

const NO_INSTANCE_STORE = 'an image has its root volume alone, and no instance type has instance store volumes';

/** What RunInstances does with each member of its input. */
export const RUN_INSTANCES_MEMBERS: MemberRules<RunInstancesRequest> = {
  MinCount: done,
  MaxCount: done,
  ClientToken: done,
  ImageId: done,
  InstanceType: checked,
  KeyName: done,
  UserData: done,
  SecurityGroupIds: done,
  SecurityGroups: done,
  SubnetId: done,
  IamInstanceProfile: { Arn: done, Name: done },
  DisableApiTermination: done,
  DisableApiStop: oneOf([false]),
  InstanceInitiatedShutdownBehavior: oneOf(['stop', 'terminate']),
  TagSpecifications: tagsOf(['instance', 'volume'], ['network-interface', 'spot-instances-request']),
  BlockDeviceMappings: {
    DeviceName: done,
    Ebs: { ...VOLUME, Encrypted: done, KmsKeyId: done, SnapshotId: done },
    NoDevice: withoutEffect(NO_INSTANCE_STORE),
    VirtualName: withoutEffect(NO_INSTANCE_STORE),
  },
  MetadataOptions: {
    HttpEndpoint: oneOf(['enabled', 'disabled']),
    HttpTokens: oneOf(['optional', 'required']),
    HttpPutResponseHopLimit: withoutEffect('recorded and shown; the metadata service is one hop away'),
    HttpProtocolIpv6: oneOf(['disabled']),
    InstanceMetadataTags: oneOf(['disabled']),
  },
  InstanceMarketOptions: {
    MarketType: oneOf(['spot']),
    SpotOptions: {
      MaxPrice: withoutEffect('spot instances have no price here; what is no price is refused'),
      SpotInstanceType: oneOf(['one-time']),
      InstanceInterruptionBehavior: checked,
    },
  },
  Placement: { AvailabilityZone: done, Tenancy: oneOf(['default']) },
  NetworkInterfaces: {
    DeviceIndex: oneOf([0]),
    SubnetId: done,
    Groups: done,
    DeleteOnTermination: oneOf([true]),
    InterfaceType: oneOf(['interface']),
    AssociatePublicIpAddress: withoutEffect('a machine is reached by its public address alone, so it always has one'),
  },
  Monitoring: { Enabled: withoutEffect('there is no CloudWatch') },
  EbsOptimized: withoutEffect('a disk is as fast as the disk of the host'),
  CreditSpecification: { CpuCredits: withoutEffect('a machine has the processor time that the host has to give') },
  CapacityReservationSpecification: {
    CapacityReservationPreference: idleOneOf(['open', 'none'], 'there are no capacity reservations'),
  },
  MaintenanceOptions: { AutoRecovery: idleOneOf(['default', 'disabled'], 'no host is ever impaired') },
  HibernationOptions: { Configured: oneOf([false]) },
  EnclaveOptions: { Enabled: oneOf([false]) },
};
