import { createHash, randomBytes } from 'node:crypto';

export type IdPrefix = 'ami' | 'snap' | 'vol' | 'i' | 'r' | 'key' | 'sg' | 'sgr' | 'eni' | 'sir' | 'lt';

/** A new id as EC2 makes them: the prefix and 17 hex digits. */
export function createId(prefix: IdPrefix): string {
  return `${prefix}-${randomBytes(9).toString('hex').slice(0, 17)}`;
}

/** The id that belongs to `parts`: the same parts give the same id, in this sandbox and any other. */
export function deriveId(prefix: IdPrefix, ...parts: readonly string[]): string {
  return `${prefix}-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 17)}`;
}
