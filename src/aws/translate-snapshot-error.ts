import { type BuildimgError, createError } from '../errors.js';
import { awsErrorCode, translateAwsError } from './translate-error.js';

interface SnapshotCall {
  readonly snapshotId: string;
  readonly signal: AbortSignal;
}

// Reasons that mean the key under the snapshot, not the snapshot itself
// (https://docs.aws.amazon.com/ebs/latest/APIReference/API_ValidationException.html and its neighbours).
const KEY_REASONS = ['INVALID_CUSTOMER_KEY', 'INVALID_GRANT_TOKEN', 'DEPENDENCY_ACCESS_DENIED', 'GRANT_NOT_FOUND'];

/** Coded error for what a call of the EBS direct APIs threw; the signal's reason when it was aborted. */
export function translateSnapshotError(
  action: string,
  { snapshotId, signal }: SnapshotCall,
  error: unknown,
): BuildimgError {
  signal.throwIfAborted();
  const code = awsErrorCode(error);
  const { Reason: reason = '' } = error as { readonly Reason?: string };
  const detail = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (KEY_REASONS.includes(reason)) return createError('SNAPSHOT_KEY_FORBIDDEN', [snapshotId, detail], options);
  if (code === 'ResourceNotFoundException') return createError('SNAPSHOT_NOT_FOUND', [snapshotId], options);
  if (code === 'AccessDeniedException') return createError('SNAPSHOT_NOT_READABLE', [snapshotId, detail], options);
  return translateAwsError(action, error);
}
