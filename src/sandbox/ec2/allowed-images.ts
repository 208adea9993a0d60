import { readAccountSettings } from '../world/account-settings.js';
import type { ImageRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { findAliasedAccounts } from './owner-aliases.js';

/** Whether the account's criteria for images let one pass; its own always do. */
export function meetsCriteria(context: RequestContext, { ownerId }: ImageRecord): boolean {
  const { allowedProviders } = readAccountSettings(context);
  if (ownerId === context.accountId || allowedProviders.length === 0) return true;
  return allowedProviders.some((provider) => (findAliasedAccounts(provider) ?? [provider]).includes(ownerId));
}

/** Whether an image can be seen and used: only `enabled` hides images, `audit-mode` marks them. */
export function isAllowed(context: RequestContext, image: ImageRecord): boolean {
  return readAccountSettings(context).allowedImages !== 'enabled' || meetsCriteria(context, image);
}
