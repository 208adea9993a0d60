// Accounts beside the sandbox's own: each has a key, and the organisations that it is in, to which images can be shared.

import { createError } from '../../errors.js';
import { createAccessKey, type SandboxCredentials, writeCredentials } from './credentials.js';

export interface Account {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** ARNs of organisations and organisational units. */
  readonly memberOf: readonly string[];
}

export type AccountRequest = Pick<Account, 'accountId' | 'memberOf'>;

export interface Accounts {
  /** The sandbox's own first. */
  list(): readonly Account[];
  findByKey(accessKeyId: string): Account | undefined;
  /** Adds an account; one that is there keeps its key and gets new memberships. */
  add(request: AccountRequest): Promise<Account>;
}

/** Accounts as the file of the credentials has them. */
export function createAccounts(file: string, credentials: SandboxCredentials): Accounts {
  let accounts = listAccounts(credentials);
  return {
    list: () => accounts,
    findByKey: (accessKeyId) => accounts.find((account) => account.accessKeyId === accessKeyId),
    async add({ accountId, memberOf }) {
      const existing = accounts.find((account) => account.accountId === accountId);
      const account = { ...(existing ?? createAccessKey()), accountId, memberOf };
      accounts = existing
        ? accounts.map((each) => (each.accountId === accountId ? account : each))
        : [...accounts, account];
      const [own, ...otherAccounts] = accounts;
      await writeCredentials(file, { ...credentials, memberOf: own?.memberOf ?? [], otherAccounts });
      return account;
    },
  };
}

/** Every account of a sandbox, its own first. */
export function listAccounts(credentials: SandboxCredentials): readonly Account[] {
  const { accountId, accessKeyId, secretAccessKey, memberOf = [], otherAccounts = [] } = credentials;
  return [{ accountId, accessKeyId, secretAccessKey, memberOf }, ...otherAccounts];
}

const ORGANIZATION =
  /^arn:aws:organizations::\d{12}:(organization\/o-[a-z0-9]{10,32}|ou\/o-[a-z0-9]{10,32}\/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$/;

/**
 * Checks what came from outside.
 *
 * @throws SANDBOX_ACCOUNT_INVALID
 */
export function readAccountRequest(request: unknown): AccountRequest {
  const { accountId, memberOf = [] } = (request ?? {}) as { readonly accountId?: unknown; readonly memberOf?: unknown };
  if (typeof accountId !== 'string' || !/^\d{12}$/.test(accountId)) {
    throw createError('SANDBOX_ACCOUNT_INVALID', [`"${String(accountId)}" is no account id of 12 digits`]);
  }
  if (!Array.isArray(memberOf)) throw createError('SANDBOX_ACCOUNT_INVALID', ['memberOf is a list']);
  const arns = (memberOf as readonly unknown[]).map(String);
  const wrong = arns.find((arn) => !ORGANIZATION.test(arn));
  if (wrong === undefined) return { accountId, memberOf: arns };
  throw createError('SANDBOX_ACCOUNT_INVALID', [`"${wrong}" is no ARN of an organisation or organisational unit`]);
}
