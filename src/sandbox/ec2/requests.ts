// What many operations check before they do anything, with EC2's codes and words.

import { createHash } from 'node:crypto';
import { AwsError } from '../wire/aws-error.js';
import type { ImageRecord, InstanceRecord, SnapshotRecord, TokenRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { assertNotDeregistered } from './deregistered-images.js';
import { isReadableSnapshot, isSeenInstance, isUsableImage } from './visibility.js';

/**
 * Ends a dry run. Called when all checks have passed and nothing has been done.
 *
 * @throws AwsError DryRunOperation (412)
 */
export function assertNotDryRun(isDryRun: boolean | undefined): void {
  if (isDryRun !== true) return;
  throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}

/** An instance of the request's region; instances terminated an hour ago are forgotten. */
export function getInstance(context: RequestContext, id: string | undefined): InstanceRecord {
  assertId('i', id, { code: 'InvalidInstanceID.Malformed', noun: 'id' });
  const instance = context.world.instances.find(id ?? '');
  if (instance?.region === context.region && isSeenInstance(context, instance)) return instance;
  throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
}

/** An image that the account may use: its own, a public one, or one that is shared with it. */
export function getImage(context: RequestContext, id: string | undefined): ImageRecord {
  assertId('ami', id, { code: 'InvalidAMIID.Malformed', noun: 'id' });
  const image = context.world.images.find(id ?? '');
  if (image?.region === context.region && isUsableImage(context, image)) return image;
  assertNotDeregistered(context, id ?? '');
  throw new AwsError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
}

/** An image that the account owns. */
export function getOwnImage(context: RequestContext, id: string | undefined): ImageRecord {
  const image = getImage(context, id);
  if (image.ownerId === context.accountId) return image;
  throw new AwsError('AuthFailure', `Not authorized for image:${id}`, 403);
}

/** A snapshot that the account may make volumes of: its own, a public one, or one that is shared with it. */
export function getSnapshot(context: RequestContext, id: string | undefined): SnapshotRecord {
  assertId('snap', id, { code: 'InvalidSnapshotID.Malformed', noun: 'snapshot id' });
  const snapshot = context.world.snapshots.find(id ?? '');
  if (snapshot?.region === context.region && isReadableSnapshot(context, snapshot)) return snapshot;
  throw new AwsError('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
}

export function getOwnSnapshot(context: RequestContext, id: string | undefined): SnapshotRecord {
  const snapshot = getSnapshot(context, id);
  if (snapshot.ownerId === context.accountId) return snapshot;
  throw new AwsError('AuthFailure', `Not authorized for snapshot:${id}`, 403);
}

/**
 * What an earlier request with the same client token made.
 *
 * @throws AwsError IdempotentParameterMismatch when that request asked for something else
 */
export function findRepeated(context: RequestContext, action: string, input: object): readonly string[] | undefined {
  const key = resolveTokenKey(context, action, input);
  const token = key === undefined ? undefined : context.world.tokens.find(key);
  if (token === undefined || isExpired(token, context)) return undefined;
  if (token.digest === digest(input)) return token.resourceIds;
  throw new AwsError(
    'IdempotentParameterMismatch',
    'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
  );
}

/** Remembers what a request with a client token made. */
export function rememberToken(context: RequestContext, action: string, input: object, ids: readonly string[]): void {
  const key = resolveTokenKey(context, action, input);
  if (key === undefined) return;
  const createdAt = context.clock.now().toISOString();
  for (const old of context.world.tokens.list()) {
    if (isExpired(old, context)) context.world.tokens.remove(old.id);
  }
  context.world.tokens.put({ id: key, digest: digest(input), resourceIds: ids, createdAt });
}

// EC2 keeps client tokens for 24 hours at least.
const TOKEN_LIFE_MS = 24 * 3600_000;

function isExpired(token: TokenRecord, { clock }: RequestContext): boolean {
  return clock.now().getTime() - Date.parse(token.createdAt) > TOKEN_LIFE_MS;
}

function resolveTokenKey({ region }: RequestContext, action: string, input: object): string | undefined {
  const token = (input as { readonly ClientToken?: string }).ClientToken;
  return token === undefined ? undefined : `${region}:${action}:${token}`;
}

// The wire layer reads members in the order of the schema, so equal requests give equal text.
function digest(input: object): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('hex');
}

function assertId(
  prefix: string,
  id: string | undefined,
  error: { readonly code: string; readonly noun: string },
): void {
  if (id !== undefined && new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id)) return;
  throw new AwsError(error.code, `Invalid ${error.noun}: "${id ?? ''}"`);
}
