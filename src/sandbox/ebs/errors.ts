import { AwsError } from '../wire/aws-error.js';

// Reasons as the API reference has them:
// https://docs.aws.amazon.com/ebs/latest/APIReference/API_ValidationException.html
export type InvalidReason =
  | 'CONFLICTING_BLOCK_UPDATES'
  | 'INVALID_BLOCK'
  | 'INVALID_BLOCK_TOKEN'
  | 'INVALID_PAGE_TOKEN'
  | 'INVALID_PARAMETER_VALUE'
  | 'INVALID_SNAPSHOT_ID'
  | 'INVALID_TAG'
  | 'INVALID_VOLUME_SIZE'
  | 'UNRELATED_SNAPSHOTS';

export function invalid(reason: InvalidReason, message: string): AwsError {
  return new AwsError('ValidationException', message, 400, { Reason: reason });
}

export function snapshotNotFound(snapshotId: string | undefined): AwsError {
  const message = `The snapshot '${snapshotId}' does not exist.`;
  return new AwsError('ResourceNotFoundException', message, 404, { Reason: 'SNAPSHOT_NOT_FOUND' });
}

export function accessDenied(snapshotId: string): AwsError {
  const message = `The account is not authorized to access snapshot ${snapshotId}`;
  return new AwsError('AccessDeniedException', message, 403, { Reason: 'UNAUTHORIZED_ACCOUNT' });
}
