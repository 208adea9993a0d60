import { randomUUID } from 'node:crypto';
import { cutPage } from '../ec2/pages.js';
import { done } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation, tabulateOperations } from '../wire/operation.js';
import { type EncryptionKey, findEncryptionKey, formatKeyArn, listEncryptionKeys } from '../world/encryption-keys.js';
import type { RequestContext } from '../world/services.js';
import { createAliasSchema, createKeySchema, describeKeySchema, listAliasesSchema } from './schemas.js';

/** Enough of KMS to have keys to name; nothing is encrypted with them. */
export const kmsOperations = tabulateOperations([
  defineOperation(createKeySchema, createKey, { Description: done }),
  defineOperation(describeKeySchema, describeKey, { KeyId: done }),
  defineOperation(createAliasSchema, createAlias, { AliasName: done, TargetKeyId: done }),
  defineOperation(listAliasesSchema, listAliases, { KeyId: done, Limit: done, Marker: done }),
]);

interface KeyRequest {
  readonly KeyId?: string;
  readonly Description?: string;
}

interface CreateAliasRequest {
  readonly AliasName: string;
  readonly TargetKeyId: string;
}

interface ListAliasesRequest {
  readonly KeyId?: string;
  readonly Limit?: number;
  readonly Marker?: string;
}

const MAX_ALIASES = 100;

function createKey({ Description: description = '' }: KeyRequest, context: RequestContext) {
  const { world, region, accountId, clock } = context;
  const keyId = randomUUID();
  const createdAt = clock.now().toISOString();
  const id = formatKeyArn(context, keyId);
  const key = world.kmsKeys.put({ id, region, ownerId: accountId, keyId, description, createdAt, aliases: [] });
  return { KeyMetadata: viewKey({ ...key, isManaged: false }) };
}

function describeKey({ KeyId = '' }: KeyRequest, context: RequestContext) {
  return { KeyMetadata: viewKey(getKey(context, KeyId)) };
}

function createAlias({ AliasName: name, TargetKeyId }: CreateAliasRequest, context: RequestContext) {
  if (!/^alias\/[A-Za-z0-9/_-]{1,250}$/.test(name)) {
    throw new AwsError('ValidationException', `Alias must match ^alias/[a-zA-Z0-9/_-]+$, not ${name}`);
  }
  if (name.startsWith('alias/aws/')) throw new AwsError('NotAuthorizedException', `The alias ${name} is reserved`);
  const key = getKey(context, TargetKeyId);
  if (key.isManaged || key.ownerId !== context.accountId) {
    throw new AwsError('NotAuthorizedException', `The key ${TargetKeyId} cannot have another alias`);
  }
  if (findEncryptionKey(context, name) !== undefined) {
    const arn = `arn:aws:kms:${context.region}:${context.accountId}:${name}`;
    throw new AwsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
  }
  context.world.kmsKeys.update(key.id, { aliases: [...key.aliases, name] });
  return {};
}

function listAliases({ KeyId, Limit = 50, Marker }: ListAliasesRequest, context: RequestContext) {
  const keys = KeyId === undefined ? listEncryptionKeys(context) : [getKey(context, KeyId)];
  const aliases = keys.flatMap(({ aliases: names, keyId, ownerId }) =>
    names.map((AliasName) => ({
      AliasName,
      AliasArn: `arn:aws:kms:${context.region}:${ownerId}:${AliasName}`,
      TargetKeyId: keyId,
    })),
  );
  const page = cutPage(aliases, { MaxResults: Math.min(Limit, MAX_ALIASES), NextToken: Marker });
  return { Aliases: page.items, NextMarker: page.NextToken, Truncated: page.NextToken !== undefined };
}

function getKey(context: RequestContext, id: string): EncryptionKey {
  const key = findEncryptionKey(context, id);
  if (key !== undefined) return key;
  throw new AwsError('NotFoundException', `Key '${id}' does not exist`);
}

function viewKey(key: EncryptionKey) {
  return {
    AWSAccountId: key.ownerId,
    KeyId: key.keyId,
    Arn: key.id,
    CreationDate: new Date(key.createdAt),
    Enabled: true,
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: 'Enabled',
    Origin: 'AWS_KMS',
    KeyManager: key.isManaged ? 'AWS' : 'CUSTOMER',
    KeySpec: 'SYMMETRIC_DEFAULT',
    MultiRegion: false,
  };
}
