import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  CreateKeyPair$,
  type CreateKeyPairRequest,
  DeleteKeyPair$,
  type DeleteKeyPairRequest,
  type DeleteKeyPairResult,
  DescribeKeyPairs$,
  type DescribeKeyPairsRequest,
  type DescribeKeyPairsResult,
  ImportKeyPair$,
  type ImportKeyPairRequest,
  type ImportKeyPairResult,
  type KeyPair,
} from '@aws-sdk/client-ec2';
import { done, oneOf } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { createId } from '../world/ids.js';
import type { KeyPairRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { applyFilters } from './filters.js';
import { tagsOf } from './members.js';
import { encodePublicKey, formatEd25519PrivateKey, formatPublicKeyLine } from './openssh-key.js';
import { assertNotDryRun } from './requests.js';
import { readTagSpecifications, viewTags } from './tags.js';

export const keyPairOperations = [
  defineOperation(CreateKeyPair$, createKeyPair, {
    KeyName: done,
    KeyType: oneOf(['rsa', 'ed25519']),
    KeyFormat: oneOf(['pem']),
    TagSpecifications: tagsOf(['key-pair']),
  }),
  defineOperation(ImportKeyPair$, importKeyPair, {
    KeyName: done,
    PublicKeyMaterial: done,
    TagSpecifications: tagsOf(['key-pair']),
  }),
  defineOperation(DescribeKeyPairs$, describeKeyPairs, {
    KeyNames: done,
    KeyPairIds: done,
    IncludePublicKey: done,
    Filters: done,
  }),
  defineOperation(DeleteKeyPair$, deleteKeyPair, { KeyName: done, KeyPairId: done }),
];

/** Finds a key pair of the request's region by its name. */
export function findKeyPair({ world, region }: RequestContext, name: string): KeyPairRecord | undefined {
  return world.keyPairs.list().find((pair) => pair.region === region && pair.name === name);
}

function createKeyPair(input: CreateKeyPairRequest, context: RequestContext): KeyPair {
  const { KeyName: name = '', KeyType: type = 'rsa' } = input;
  assertNameFree(context, name);
  const tags = readTagSpecifications(input.TagSpecifications, 'key-pair');
  assertNotDryRun(input.DryRun);
  const privateKey =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
      : generateKeyPairSync('ed25519').privateKey;
  const pair = context.world.keyPairs.put({
    id: createId('key'),
    region: context.region,
    tags,
    name,
    type,
    fingerprint: type === 'rsa' ? fingerprintRsa(privateKey) : fingerprintLine(encodePublicKey(privateKey)),
    publicKey: formatPublicKeyLine(privateKey, name),
    createdAt: context.clock.now().toISOString(),
  });
  return { ...viewKeyPair(pair), KeyMaterial: formatPrivateKey(privateKey, name) };
}

function importKeyPair(input: ImportKeyPairRequest, context: RequestContext): ImportKeyPairResult {
  const { KeyName: name = '', PublicKeyMaterial: material = new Uint8Array() } = input;
  const line = Buffer.from(material).toString('utf8').trim();
  const match = /^(ssh-rsa|ssh-ed25519) ([A-Za-z0-9+/]+=*)(?: [^\n\r]*)?$/.exec(line);
  if (match === null) throw new AwsError('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
  assertNameFree(context, name);
  const tags = readTagSpecifications(input.TagSpecifications, 'key-pair');
  assertNotDryRun(input.DryRun);
  const pair = context.world.keyPairs.put({
    id: createId('key'),
    region: context.region,
    tags,
    name,
    type: match[1] === 'ssh-rsa' ? 'rsa' : 'ed25519',
    fingerprint: fingerprintLine(Buffer.from(match[2] ?? '', 'base64')),
    publicKey: `${match[1]} ${match[2]} ${name}`,
    createdAt: context.clock.now().toISOString(),
  });
  return viewKeyPair(pair);
}

function describeKeyPairs(input: DescribeKeyPairsRequest, context: RequestContext): DescribeKeyPairsResult {
  const { KeyNames, KeyPairIds, Filters, IncludePublicKey } = input;
  const pairs = context.world.keyPairs.list().filter((pair) => pair.region === context.region);
  for (const name of KeyNames ?? []) {
    if (!pairs.some((pair) => pair.name === name)) throw notFound(name);
  }
  for (const id of KeyPairIds ?? []) {
    if (!pairs.some((pair) => pair.id === id)) throw notFound(id);
  }
  const chosen = pairs.filter(
    (pair) => (KeyNames?.includes(pair.name) ?? true) && (KeyPairIds?.includes(pair.id) ?? true),
  );
  const matching = applyFilters(chosen, Filters, {
    'key-name': ({ name }) => [name],
    'key-pair-id': ({ id }) => [id],
    fingerprint: ({ fingerprint }) => [fingerprint],
  });
  return {
    KeyPairs: matching.map((pair) => ({
      ...viewKeyPair(pair),
      KeyType: pair.type,
      CreateTime: new Date(pair.createdAt),
      ...(IncludePublicKey === true ? { PublicKey: pair.publicKey } : {}),
    })),
  };
}

/** A key pair that is not there is not an error: EC2 answers so too. */
function deleteKeyPair(input: DeleteKeyPairRequest, context: RequestContext): DeleteKeyPairResult {
  const { KeyName: name, KeyPairId: id } = input;
  if (name === undefined && id === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter KeyName or KeyPairId');
  }
  assertNotDryRun(input.DryRun);
  const pair = context.world.keyPairs
    .list()
    .find((each) => each.region === context.region && (name === undefined ? each.id === id : each.name === name));
  if (pair !== undefined) context.world.keyPairs.remove(pair.id);
  return { Return: true, ...(pair === undefined ? {} : { KeyPairId: pair.id }) };
}

function assertNameFree(context: RequestContext, name: string): void {
  if (name.length > 255) throw new AwsError('InvalidParameterValue', 'Key names have at most 255 characters');
  if (findKeyPair(context, name) === undefined) return;
  throw new AwsError('InvalidKeyPair.Duplicate', `The keypair already exists`);
}

function notFound(name: string): AwsError {
  return new AwsError('InvalidKeyPair.NotFound', `The key pair '${name}' does not exist`);
}

function viewKeyPair({ id, name, fingerprint, tags }: KeyPairRecord) {
  return { KeyPairId: id, KeyName: name, KeyFingerprint: fingerprint, Tags: viewTags(tags) };
}

function formatPrivateKey(key: KeyObject, name: string): string {
  if (key.asymmetricKeyType === 'ed25519') return formatEd25519PrivateKey(key, name);
  return String(key.export({ type: 'pkcs1', format: 'pem' }));
}

/** EC2 shows the SHA-1 of the private key's PKCS#8 form for RSA keys that it made. */
function fingerprintRsa(key: KeyObject): string {
  const digest = createHash('sha1')
    .update(key.export({ type: 'pkcs8', format: 'der' }))
    .digest('hex');
  return (digest.match(/../g) ?? []).join(':');
}

function fingerprintLine(publicKey: Buffer): string {
  return createHash('sha256').update(publicKey).digest('base64');
}
