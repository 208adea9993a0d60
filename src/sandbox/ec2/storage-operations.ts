import {
  DeleteSnapshot$,
  type DeleteSnapshotRequest,
  DeleteVolume$,
  type DeleteVolumeRequest,
  DescribeSnapshots$,
  type DescribeSnapshotsRequest,
  type DescribeSnapshotsResult,
  DescribeVolumes$,
  type DescribeVolumesRequest,
  type DescribeVolumesResult,
  type Volume,
} from '@aws-sdk/client-ec2';
import { done } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { removeUnusedFile } from '../world/disk-files.js';
import type { SnapshotRecord, VolumeRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { cancelIfExpired } from '../world/snapshot-jobs.js';
import { applyFilters } from './filters.js';
import { answerWaiter } from './long-poll.js';
import { LISTED, NO_MANAGED_RESOURCES } from './members.js';
import { assertNotBothIdsAndPageSize, cutPage } from './pages.js';
import { assertNotDryRun, getOwnSnapshot, getSnapshot } from './requests.js';
import { viewTags } from './tags.js';
import { isReadableSnapshot } from './visibility.js';

export const storageOperations = [
  defineOperation(
    DescribeSnapshots$,
    async (input: DescribeSnapshotsRequest, context: RequestContext) => {
      for (const snapshot of context.world.snapshots.list()) await cancelIfExpired(context, snapshot);
      return await answerWaiter(context, () => describeSnapshots(input, context), {
        isMoving: ({ Snapshots = [] }) => Snapshots.some(({ State }) => State === 'pending'),
      });
    },
    { ...LISTED, OwnerIds: done, SnapshotIds: done },
  ),
  defineOperation(DeleteSnapshot$, deleteSnapshot, { SnapshotId: done }),
  defineOperation(DescribeVolumes$, describeVolumes, {
    ...LISTED,
    VolumeIds: done,
    IncludeManagedResources: NO_MANAGED_RESOURCES,
  }),
  defineOperation(DeleteVolume$, deleteVolume, { VolumeId: done }),
];

function describeSnapshots(input: DescribeSnapshotsRequest, context: RequestContext): DescribeSnapshotsResult {
  assertNotBothIdsAndPageSize(input.SnapshotIds, input);
  const owners = input.OwnerIds?.map((owner) => (owner === 'self' ? context.accountId : owner));
  const chosen =
    input.SnapshotIds?.map((id) => getSnapshot(context, id)) ??
    context.world.snapshots
      .list()
      .filter((snapshot) => snapshot.region === context.region && isReadableSnapshot(context, snapshot));
  const visible = chosen.filter(({ ownerId }) => owners?.includes(ownerId) ?? true);
  const matching = applyFilters(visible, input.Filters, {
    'snapshot-id': ({ id }) => [id],
    'volume-id': ({ volumeId }) => [volumeId],
    'volume-size': ({ volumeSizeGib }) => [String(volumeSizeGib)],
    'owner-id': ({ ownerId }) => [ownerId],
    description: ({ description }) => [description],
    encrypted: ({ isEncrypted }) => [String(isEncrypted)],
    status: ({ state }) => [state],
  });
  const page = cutPage(matching, input);
  return { NextToken: page.NextToken, Snapshots: page.items.map(viewSnapshot) };
}

function viewSnapshot(snapshot: SnapshotRecord) {
  return {
    SnapshotId: snapshot.id,
    VolumeId: snapshot.volumeId,
    VolumeSize: snapshot.volumeSizeGib,
    State: snapshot.state,
    Progress: snapshot.state === 'completed' ? '100%' : '0%',
    StartTime: new Date(snapshot.startedAt),
    OwnerId: snapshot.ownerId,
    Description: snapshot.description,
    Encrypted: snapshot.isEncrypted,
    ...(snapshot.isEncrypted ? { KmsKeyId: snapshot.kmsKeyId } : {}),
    ...(snapshot.state === 'error' && snapshot.stateMessage !== undefined
      ? { StateMessage: snapshot.stateMessage }
      : {}),
    StorageTier: 'standard' as const,
    Tags: viewTags(snapshot.tags),
  };
}

async function deleteSnapshot(input: DeleteSnapshotRequest, context: RequestContext): Promise<void> {
  const snapshot = getOwnSnapshot(context, input.SnapshotId);
  const image = context.world.images.list().find(({ snapshotId }) => snapshotId === snapshot.id);
  if (image !== undefined) {
    throw new AwsError('InvalidSnapshot.InUse', `The snapshot ${snapshot.id} is currently in use by ${image.id}`);
  }
  assertNotDryRun(input.DryRun);
  context.world.snapshots.remove(snapshot.id);
  await context.snapshotUploads.drop(snapshot.id);
  await removeUnusedFile(context, snapshot.file);
}

function describeVolumes(input: DescribeVolumesRequest, context: RequestContext): DescribeVolumesResult {
  assertNotBothIdsAndPageSize(input.VolumeIds, input);
  const chosen =
    input.VolumeIds?.map((id) => getVolume(context, id)) ??
    context.world.volumes.list().filter(({ region }) => region === context.region);
  const matching = applyFilters(chosen, input.Filters, {
    'volume-id': ({ id }) => [id],
    'volume-type': ({ type }) => [type],
    size: ({ sizeGib }) => [String(sizeGib)],
    'snapshot-id': ({ snapshotId }) => [snapshotId],
    'availability-zone': ({ availabilityZone }) => [availabilityZone],
    'attachment.instance-id': ({ instanceId }) => [instanceId],
    'attachment.device': ({ deviceName }) => [deviceName],
    encrypted: ({ isEncrypted }) => [String(isEncrypted)],
    status: (volume) => [stateOf(volume)],
  });
  const page = cutPage(matching, input);
  return { NextToken: page.NextToken, Volumes: page.items.map(viewVolume) };
}

function viewVolume(volume: VolumeRecord): Volume {
  return {
    VolumeId: volume.id,
    Size: volume.sizeGib,
    VolumeType: volume.type as Volume['VolumeType'],
    State: stateOf(volume),
    AvailabilityZone: volume.availabilityZone,
    SnapshotId: volume.snapshotId,
    CreateTime: new Date(volume.createdAt),
    Encrypted: volume.isEncrypted,
    ...(volume.isEncrypted ? { KmsKeyId: volume.kmsKeyId } : {}),
    MultiAttachEnabled: false,
    Attachments:
      volume.instanceId === ''
        ? []
        : [
            {
              VolumeId: volume.id,
              InstanceId: volume.instanceId,
              Device: volume.deviceName,
              State: 'attached',
              AttachTime: new Date(volume.createdAt),
              DeleteOnTermination: volume.deleteOnTermination,
            },
          ],
    Tags: viewTags(volume.tags),
  };
}

function deleteVolume(input: DeleteVolumeRequest, context: RequestContext): void {
  const volume = getVolume(context, input.VolumeId);
  if (volume.instanceId !== '') {
    throw new AwsError('VolumeInUse', `Volume ${volume.id} is currently attached to ${volume.instanceId}`);
  }
  assertNotDryRun(input.DryRun);
  context.world.volumes.remove(volume.id);
}

function getVolume({ world, region }: RequestContext, id: string | undefined): VolumeRecord {
  const volume = world.volumes.find(id ?? '');
  if (volume !== undefined && volume.region === region) return volume;
  throw new AwsError('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);
}

function stateOf(volume: VolumeRecord): 'in-use' | 'available' {
  return volume.instanceId === '' ? 'available' : 'in-use';
}
