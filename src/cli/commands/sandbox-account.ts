import { createError, ExitCode } from '../../errors.js';
import { addSandboxAccount, listSandboxAccounts } from '../../sandbox/daemon.js';
import type { CliContext } from '../cli-context.js';
import { findSandboxPaths, keysOf } from '../sandbox-session.js';

export interface AddOptions {
  /** ARNs of organisations and organisational units. */
  readonly memberOf?: readonly string[];
}

/** `sandbox account add` */
export async function add(accountId: string, { memberOf = [] }: AddOptions, cli: CliContext): Promise<ExitCode> {
  const { stateDir } = findSandboxPaths(cli);
  const account = await addSandboxAccount(stateDir, { accountId, memberOf });
  cli.output.answer(`The sandbox has the account ${account.accountId}.`);
  cli.output.progress(`To act as it in this shell: eval "$(buildimg sandbox env --account ${account.accountId})"`);
  return ExitCode.done;
}

/** `sandbox account list`: without the secret parts of their keys. */
export async function list({ json }: { readonly json?: boolean }, cli: CliContext): Promise<ExitCode> {
  const accounts = await listSandboxAccounts(findSandboxPaths(cli).stateDir);
  const shown = accounts.map(({ accountId, accessKeyId, memberOf }) => ({ accountId, accessKeyId, memberOf }));
  if (json === true) {
    cli.output.answer(JSON.stringify(shown, undefined, 2));
    return ExitCode.done;
  }
  for (const { accountId, accessKeyId, memberOf } of shown) {
    cli.output.answer([accountId, accessKeyId, ...memberOf].join('  '));
  }
  return ExitCode.done;
}

/**
 * The variables that make clients act as an account of the sandbox.
 *
 * @throws SANDBOX_ACCOUNT_NOT_FOUND
 */
export async function findAccountKeys(accountId: string, cli: CliContext): Promise<Readonly<Record<string, string>>> {
  const accounts = await listSandboxAccounts(findSandboxPaths(cli).stateDir);
  const account = accounts.find((each) => each.accountId === accountId);
  if (account === undefined) throw createError('SANDBOX_ACCOUNT_NOT_FOUND', [accountId]);
  return keysOf(account);
}
