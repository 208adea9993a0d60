import {
  DescribeSnapshotAttribute$,
  type DescribeSnapshotAttributeRequest,
  type DescribeSnapshotAttributeResult,
  ModifySnapshotAttribute$,
  type ModifySnapshotAttributeRequest,
  ResetSnapshotAttribute$,
  type ResetSnapshotAttributeRequest,
} from '@aws-sdk/client-ec2';
import { checked, done, oneOf } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { readAccountSettings } from '../world/account-settings.js';
import type { SnapshotRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { hasManagedKey } from './encryption.js';
import { applyPermissions, type PermissionChanges, readPermissionChanges, viewAccounts } from './permissions.js';
import { assertNotDryRun, getOwnSnapshot } from './requests.js';

const PERMISSION = { UserId: done, Group: checked } as const;

export const snapshotAttributeOperations = [
  defineOperation(ModifySnapshotAttribute$, modifySnapshotAttribute, {
    SnapshotId: done,
    Attribute: oneOf(['createVolumePermission']),
    CreateVolumePermission: { Add: PERMISSION, Remove: PERMISSION },
    GroupNames: done,
    OperationType: oneOf(['add', 'remove']),
    UserIds: done,
  }),
  defineOperation(DescribeSnapshotAttribute$, describeSnapshotAttribute, {
    SnapshotId: done,
    Attribute: oneOf(['createVolumePermission', 'productCodes']),
  }),
  defineOperation(ResetSnapshotAttribute$, resetSnapshotAttribute, {
    SnapshotId: done,
    Attribute: oneOf(['createVolumePermission']),
  }),
];

function modifySnapshotAttribute(input: ModifySnapshotAttributeRequest, context: RequestContext): void {
  const snapshot = getOwnSnapshot(context, input.SnapshotId);
  const changes = readPermissionChanges({
    add: input.CreateVolumePermission?.Add,
    remove: input.CreateVolumePermission?.Remove,
    operation: input.OperationType,
    users: input.UserIds,
    groups: input.GroupNames,
  });
  if (changes.add.length + changes.remove.length === 0) {
    throw new AwsError('InvalidParameterCombination', 'No attributes specified.');
  }
  assertShareable(snapshot, changes, context);
  assertNotDryRun(input.DryRun);
  const { isPublic, sharedAccounts } = applyPermissions(snapshot, changes);
  context.world.snapshots.update(snapshot.id, { isPublic, sharedAccounts });
}

function assertShareable(snapshot: SnapshotRecord, { add }: PermissionChanges, context: RequestContext): void {
  if (add.length > 0 && hasManagedKey(context, snapshot)) {
    throw new AwsError('OperationNotPermitted', 'Encrypted snapshots with EBS default key cannot be shared');
  }
  if (!add.some(({ Group }) => Group === 'all')) return;
  if (readAccountSettings(context).snapshotBlockPublicAccess !== 'unblocked') {
    throw new AwsError(
      'OperationNotPermitted',
      'Public sharing of snapshots is blocked in this region for this account.',
    );
  }
  if (snapshot.isEncrypted) {
    throw new AwsError('OperationNotPermitted', `The snapshot ${snapshot.id} is encrypted and cannot be made public.`);
  }
}

function describeSnapshotAttribute(
  input: DescribeSnapshotAttributeRequest,
  context: RequestContext,
): DescribeSnapshotAttributeResult {
  const snapshot = getOwnSnapshot(context, input.SnapshotId);
  if (input.Attribute === 'productCodes') return { SnapshotId: snapshot.id, ProductCodes: [] };
  return { SnapshotId: snapshot.id, CreateVolumePermissions: viewAccounts(snapshot) };
}

function resetSnapshotAttribute(input: ResetSnapshotAttributeRequest, context: RequestContext): void {
  const snapshot = getOwnSnapshot(context, input.SnapshotId);
  assertNotDryRun(input.DryRun);
  context.world.snapshots.update(snapshot.id, { isPublic: false, sharedAccounts: [] });
}
