// Finding what a run made. Always by filter, never by id parameter: an id that is gone makes the whole call fail.
import {
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  type EC2Client,
  type Filter,
} from '@aws-sdk/client-ec2';
import { describeImages } from './image-catalog.js';
import {
  type FoundResource,
  type InstanceQuery,
  type MachineImage,
  type NamedQuery,
  type OwnImageQuery,
  RUN_TAG,
  type SnapshotQuery,
} from './ports.js';
import { toTagRecord } from './tags.js';
import { callAws } from './translate-error.js';

export async function findInstances(ec2: EC2Client, query: InstanceQuery): Promise<readonly FoundResource[]> {
  const found = await forEachFilter([byRun(query.run), byValues('key-name', query.keyNames)], async (filter) => {
    const { Reservations = [] } = await callAws('ec2:DescribeInstances', () =>
      ec2.send(new DescribeInstancesCommand({ Filters: [filter] })),
    );
    return Reservations.flatMap(({ Instances = [] }) => Instances).map(
      ({ InstanceId = '', State, Tags }): FoundResource => ({
        id: InstanceId,
        state: State?.Name ?? '',
        tags: toTagRecord(Tags),
      }),
    );
  });
  return uniqueById(found);
}

export async function findImages(ec2: EC2Client, query: OwnImageQuery): Promise<readonly MachineImage[]> {
  const found = await forEachFilter(
    [byRun(query.run), byValues('name', query.names), byValues('image-id', query.ids)],
    (filter) => describeImages(ec2, { Owners: ['self'], Filters: [filter] }),
  );
  return uniqueById(found);
}

export async function findSnapshots(ec2: EC2Client, query: SnapshotQuery): Promise<readonly FoundResource[]> {
  const byInstance = query.instanceIds.map((id) => `Created by CreateImage(${id})*`);
  const found = await forEachFilter(
    [byRun(query.run), byValues('snapshot-id', query.ids), byValues('description', byInstance)],
    async (filter) => {
      const { Snapshots = [] } = await callAws('ec2:DescribeSnapshots', () =>
        ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: [filter] })),
      );
      return Snapshots.map(({ SnapshotId = '', State = '', Tags }): FoundResource => {
        return { id: SnapshotId, state: State, tags: toTagRecord(Tags) };
      });
    },
  );
  return uniqueById(found);
}

export async function findVolumes(ec2: EC2Client, run: string): Promise<readonly FoundResource[]> {
  const { Volumes = [] } = await callAws('ec2:DescribeVolumes', () =>
    ec2.send(new DescribeVolumesCommand({ Filters: [byRun(run)] })),
  );
  return Volumes.map(({ VolumeId = '', State = '', Tags }) => {
    return { id: VolumeId, state: State, tags: toTagRecord(Tags) };
  });
}

export async function findKeyPairs(ec2: EC2Client, query: NamedQuery): Promise<readonly FoundResource[]> {
  const found = await forEachFilter([byRun(query.run), byValues('key-name', query.names)], async (filter) => {
    const { KeyPairs = [] } = await callAws('ec2:DescribeKeyPairs', () =>
      ec2.send(new DescribeKeyPairsCommand({ Filters: [filter] })),
    );
    return KeyPairs.map(({ KeyName = '', Tags }): FoundResource => {
      return { id: KeyName, state: '', tags: toTagRecord(Tags) };
    });
  });
  return uniqueById(found);
}

export async function findSecurityGroups(ec2: EC2Client, query: NamedQuery): Promise<readonly FoundResource[]> {
  const found = await forEachFilter([byRun(query.run), byValues('group-name', query.names)], async (filter) => {
    const { SecurityGroups = [] } = await callAws('ec2:DescribeSecurityGroups', () =>
      ec2.send(new DescribeSecurityGroupsCommand({ Filters: [filter] })),
    );
    return SecurityGroups.map(({ GroupId = '', Tags }): FoundResource => {
      return { id: GroupId, state: '', tags: toTagRecord(Tags) };
    });
  });
  return uniqueById(found);
}

function byRun(run: string): Filter {
  return byValues(`tag:${RUN_TAG}`, [run]);
}

function byValues(name: string, values: readonly string[]): Filter {
  return { Name: name, Values: [...values] };
}

// Filters of one call are joined by AND, so alternatives need a call each; one without values would match all there is.
async function forEachFilter<T>(
  filters: readonly Filter[],
  find: (filter: Filter) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const found: T[] = [];
  for (const filter of filters) {
    if ((filter.Values ?? []).length > 0) {
      found.push(...(await find(filter)));
    }
  }
  return found;
}

function uniqueById<T extends { readonly id: string }>(found: readonly T[]): readonly T[] {
  return [...new Map(found.map((item) => [item.id, item])).values()];
}
