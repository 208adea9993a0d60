import { randomBytes } from 'node:crypto';
import { withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import type { InstanceProfileRecord, RoleRecord } from '../world/service-records.js';
import type { RequestContext } from '../world/services.js';

/** Rows of the lists, which are never long enough for a second page. */
export const WHOLE_LIST = {
  Marker: withoutEffect('a list is answered whole'),
  MaxItems: withoutEffect('a list is answered whole'),
} as const;

/** @throws AwsError NoSuchEntity */
export function getRole({ world }: RequestContext, name = ''): RoleRecord {
  return world.roles.find(name) ?? miss(`The role with name ${name} cannot be found.`);
}

/** @throws AwsError NoSuchEntity */
export function getInstanceProfile({ world }: RequestContext, name = ''): InstanceProfileRecord {
  return world.instanceProfiles.find(name) ?? miss(`Instance Profile ${name} cannot be found.`);
}

/** Throws NoSuchEntity. */
export function miss(message: string): never {
  throw new AwsError('NoSuchEntity', message, 404);
}

/** @throws AwsError ValidationError */
export function assertName(name: string, kind: string, limit: number): void {
  if (/^[\w+=,.@-]+$/.test(name) && name.length <= limit) return;
  throw new AwsError(
    'ValidationError',
    `The specified value for ${kind} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_- and have length at most ${limit}`,
  );
}

/** @throws AwsError MalformedPolicyDocument for what is not a JSON object with a Statement */
export function assertPolicy(document: string): void {
  let policy: unknown;
  try {
    policy = JSON.parse(document);
  } catch {
    policy = undefined;
  }
  if (typeof policy === 'object' && policy !== null && 'Statement' in policy) return;
  throw new AwsError('MalformedPolicyDocument', 'Syntax errors in policy.');
}

/** An id as IAM makes them: a prefix for the kind and 17 letters or digits. */
export function createIamId(prefix: 'AROA' | 'AIPA' | 'ANPA'): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return prefix + [...randomBytes(17)].map((byte) => alphabet[byte % alphabet.length]).join('');
}

export function formatArn({ accountId }: RequestContext, kind: string, path: string, name: string): string {
  return `arn:aws:iam::${accountId}:${kind}${path}${name}`;
}

export function alreadyExists(what: string): AwsError {
  return new AwsError('EntityAlreadyExists', `${what} already exists.`, 409);
}

export function deleteConflict(reason: string): AwsError {
  return new AwsError('DeleteConflict', `Cannot delete entity, ${reason}.`, 409);
}
