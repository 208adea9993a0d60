// What EC2 knows of a region's resources, asked for by all builds together. Nothing here is remembered: every lookup is a
// look at EC2 as it is now.
import {
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { describeImages } from './describe-images.js';
import type { InstanceView } from './ec2-ports.js';
import { createFilterLookup, type FilterLookup } from './filter-lookups.js';
import type { LookupTurns } from './lookup-turns.js';
import { type FoundResource, type MachineImage, RUN_TAG } from './ports.js';
import { toTagRecord } from './tags.js';
import { callAws } from './translate-error.js';

export interface ResourceLookups {
  readonly instances: FilterLookup<FoundResource & InstanceView>;
  /** Of this account. */
  readonly images: FilterLookup<MachineImage>;
  /** Of this account. */
  readonly snapshots: FilterLookup<FoundResource>;
  readonly volumes: FilterLookup<FoundResource>;
  /** Ids are the names of the key pairs. */
  readonly keyPairs: FilterLookup<FoundResource>;
  readonly securityGroups: FilterLookup<FoundResource>;
}

export const RUN_FILTER = `tag:${RUN_TAG}`;

/** `createTurns` is called once for each kind of call. */
export function createResourceLookups(ec2: EC2Client, createTurns: () => LookupTurns): ResourceLookups {
  return {
    instances: createFilterLookup(async (filter) => {
      const { Reservations = [] } = await callAws('ec2:DescribeInstances', () =>
        ec2.send(new DescribeInstancesCommand({ Filters: [filter] })),
      );
      return Reservations.flatMap(({ Instances = [] }) => Instances).map((instance) => {
        const {
          InstanceId: id = '',
          State,
          StateReason,
          StateTransitionReason,
          Tags,
          KeyName,
          InstanceLifecycle,
        } = instance;
        const reason = StateReason?.Message ?? StateTransitionReason ?? '';
        const item = {
          id,
          state: State?.Name ?? '',
          reason,
          tags: toTagRecord(Tags),
          isSpot: InstanceLifecycle === 'spot',
          ...(KeyName === undefined ? {} : { keyName: KeyName }),
          ...(instance.PublicIpAddress === undefined ? {} : { publicIp: instance.PublicIpAddress }),
          ...(instance.PrivateIpAddress === undefined ? {} : { privateIp: instance.PrivateIpAddress }),
        };
        return { item, fields: { 'instance-id': [id], 'key-name': [KeyName], ...byRun(item) } };
      });
    }, createTurns),

    images: createFilterLookup(async (filter) => {
      const images = await describeImages(ec2, { Owners: ['self'], Filters: [filter] });
      return images.map((item) => ({ item, fields: { name: [item.name], 'image-id': [item.id], ...byRun(item) } }));
    }, createTurns),

    snapshots: createFilterLookup(async (filter) => {
      const { Snapshots = [] } = await callAws('ec2:DescribeSnapshots', () =>
        ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: [filter] })),
      );
      return Snapshots.map((snapshot) => {
        const { SnapshotId: id = '', State: state = '', Tags, Description: description = '', StartTime } = snapshot;
        const isEncrypted = snapshot.Encrypted === true;
        const item = { id, state, tags: toTagRecord(Tags), description, ...createdAt(StartTime), isEncrypted };
        return { item, fields: { 'snapshot-id': [id], description: [description], ...byRun(item) } };
      });
    }, createTurns),

    volumes: createFilterLookup(async (filter) => {
      const { Volumes = [] } = await callAws('ec2:DescribeVolumes', () =>
        ec2.send(new DescribeVolumesCommand({ Filters: [filter] })),
      );
      return Volumes.map(({ VolumeId: id = '', State: state = '', Tags }) => {
        const item = { id, state, tags: toTagRecord(Tags) };
        return { item, fields: byRun(item) };
      });
    }, createTurns),

    keyPairs: createFilterLookup(async (filter) => {
      const { KeyPairs = [] } = await callAws('ec2:DescribeKeyPairs', () =>
        ec2.send(new DescribeKeyPairsCommand({ Filters: [filter] })),
      );
      return KeyPairs.map(({ KeyName: id = '', Tags, CreateTime }) => {
        const item = { id, state: '', tags: toTagRecord(Tags), ...createdAt(CreateTime) };
        return { item, fields: { 'key-name': [id], ...byRun(item) } };
      });
    }, createTurns),

    securityGroups: createFilterLookup(async (filter) => {
      const { SecurityGroups = [] } = await callAws('ec2:DescribeSecurityGroups', () =>
        ec2.send(new DescribeSecurityGroupsCommand({ Filters: [filter] })),
      );
      return SecurityGroups.map(({ GroupId: id = '', GroupName, Tags, Description: description = '' }) => {
        const item = { id, state: '', tags: toTagRecord(Tags), description };
        return { item, fields: { 'group-name': [GroupName], ...byRun(item) } };
      });
    }, createTurns),
  };
}

function createdAt(time: Date | undefined): { readonly createdAt?: string } {
  return time === undefined ? {} : { createdAt: time.toISOString() };
}

function byRun({ tags }: { readonly tags: Readonly<Record<string, string>> }) {
  return { [RUN_FILTER]: [tags[RUN_TAG]] };
}
