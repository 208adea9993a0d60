// KMS keys as far as EC2 and SSM look at them: that they exist, in which region and whose they are. Nothing is encrypted
// with them, and key policies are not asked: who knows the ARN of another account's key may use it.

import { createHash } from 'node:crypto';
import type { KmsKeyRecord } from './service-records.js';
import type { SandboxServices } from './services.js';

export type EncryptionKey = KmsKeyRecord & {
  /** AWS's own key of the account: nothing that is encrypted with it can be shared. */
  readonly isManaged: boolean;
};

export interface KeyPlace extends Pick<SandboxServices, 'world'> {
  readonly region: string;
  readonly accountId: string;
}

const MANAGED_ALIAS = 'alias/aws/ebs';
const ARN = /^arn:aws:kms:([a-z0-9-]+):(\d{12}):((?:key|alias)\/.+)$/;

/** Finds a key of the region by its id, `alias/NAME`, or the ARN of either; undefined when there is none. */
export function findEncryptionKey(place: KeyPlace, given: string): EncryptionKey | undefined {
  const [, region = place.region, ownerId = place.accountId, resource] = ARN.exec(given) ?? [];
  const wanted = resource ?? (given.startsWith('alias/') ? given : `key/${given}`);
  if (region !== place.region) return undefined;
  return listEncryptionKeys({ ...place, accountId: ownerId }).find(
    (key) =>
      (key.aliases.includes(wanted) || `key/${key.keyId}` === wanted) &&
      (key.ownerId === place.accountId || !key.isManaged),
  );
}

/** The keys of an account in a region, AWS's own for EBS first. */
export function listEncryptionKeys({ world, region, accountId }: KeyPlace): readonly EncryptionKey[] {
  const own = world.kmsKeys.list().filter((key) => key.region === region && key.ownerId === accountId);
  return [describeManagedKey(region, accountId), ...own.map((key) => ({ ...key, isManaged: false }))];
}

/** ARN of the key that AWS makes for an account's volumes. */
export function resolveManagedKeyArn({ region, accountId }: Pick<KeyPlace, 'region' | 'accountId'>): string {
  return describeManagedKey(region, accountId).id;
}

export function formatKeyArn({ region, accountId }: Pick<KeyPlace, 'region' | 'accountId'>, keyId: string): string {
  return `arn:aws:kms:${region}:${accountId}:key/${keyId}`;
}

function describeManagedKey(region: string, accountId: string): EncryptionKey {
  const hex = createHash('sha256').update(`${MANAGED_ALIAS} ${accountId} ${region}`).digest('hex');
  const keyId = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return {
    id: formatKeyArn({ region, accountId }, keyId),
    region,
    ownerId: accountId,
    keyId,
    description: 'Default key that protects my EBS volumes when no other key is defined',
    createdAt: '2020-01-01T00:00:00.000Z',
    aliases: [MANAGED_ALIAS],
    isManaged: true,
  };
}
