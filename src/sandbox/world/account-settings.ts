// What an account sets once for a region. Unset ones are off, which AWS's defaults are not all: an account without public
// images blocks them from the start.

import type { SandboxServices } from './services.js';

export interface AccountSettingValues {
  readonly allowedImages: 'disabled' | 'audit-mode' | 'enabled';
  /** Accounts and aliases whose images may be used, when `allowedImages` is on. */
  readonly allowedProviders: readonly string[];
  readonly imageBlockPublicAccess: 'unblocked' | 'block-new-sharing';
  readonly snapshotBlockPublicAccess: 'unblocked' | 'block-new-sharing' | 'block-all-sharing';
  readonly isEncryptedByDefault: boolean;
  /** ARN of the key for volumes and snapshots that name none; undefined: AWS's own. */
  readonly defaultKmsKeyId: string | undefined;
}

const DEFAULTS: AccountSettingValues = {
  allowedImages: 'disabled',
  allowedProviders: [],
  imageBlockPublicAccess: 'unblocked',
  snapshotBlockPublicAccess: 'unblocked',
  isEncryptedByDefault: false,
  defaultKmsKeyId: undefined,
};

type Place = Pick<SandboxServices, 'world'> & { readonly region: string };

/** The settings of the account in a region. */
export function readAccountSettings({ world, region }: Place): AccountSettingValues {
  return { ...DEFAULTS, ...world.accountSettings.find(region)?.values };
}

export function changeAccountSettings({ world, region }: Place, changes: Partial<AccountSettingValues>): void {
  const values = { ...readAccountSettings({ world, region }), ...changes };
  world.accountSettings.put({ id: region, values });
}
