import { type ExpiredResource, findExpired, removeExpired } from '../../build/reap-expired.js';
import { createLeftBehindError } from '../../build/report-left.js';
import { ExitCode } from '../../errors.js';
import { countOf } from '../../report/summarize.js';
import { ask } from '../ask.js';
import type { CliContext } from '../cli-context.js';
import { type OpenRegions, type RegionOptions, type RegionScope, withRegions } from '../open-regions.js';

export interface ReapExpiredOptions extends RegionOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/**
 * Shows what runs of other machines launched and what has outlived its own expiry tag, and removes it once somebody has said
 * yes. Exits 6 when something stays.
 */
export async function reapExpired(options: ReapExpiredOptions, cli: CliContext): Promise<ExitCode> {
  return await withRegions(options, cli, async (regions) => {
    const places = await regions.forEach((scope) => reapRegion(scope, { options, cli, endpoint: regions.endpoint }));
    return places.every((isClean) => isClean) ? ExitCode.done : ExitCode.leftBehind;
  });
}

interface Reaping {
  readonly options: ReapExpiredOptions;
  readonly cli: CliContext;
  readonly endpoint: OpenRegions['endpoint'];
}

async function reapRegion(scope: RegionScope, { options, cli, endpoint }: Reaping): Promise<boolean> {
  const { region } = scope.aws;
  const found = await findExpired(scope);
  const account = await scope.aws.findAccount();
  if (found.length === 0) {
    cli.output.answer(`${region}, account ${account}: nothing has expired`);
    return true;
  }
  cli.output.answer([`${region}, account ${account}: has expired:`, ...found.map(formatExpired)].join('\n'));
  const what = `${countOf(found.length, 'expired resource')} of account ${account} in ${region}`;
  const left = (await isConfirmed(what, options, { cli, signal: scope.signal }))
    ? await removeExpired(found, scope)
    : [];
  if (left.length === 0) return true;
  await cli.showError(createLeftBehindError(left, { region, ...(endpoint === undefined ? {} : { endpoint }) }));
  return false;
}

interface Asking {
  readonly cli: CliContext;
  readonly signal: AbortSignal;
}

async function isConfirmed(
  what: string,
  { dryRun, yes }: ReapExpiredOptions,
  { cli, signal }: Asking,
): Promise<boolean> {
  if (dryRun === true) return false;
  if (yes === true) return true;
  if (!cli.output.isTerminal) {
    cli.output.progress(`Nothing was removed. To remove ${what}: --yes`);
    return false;
  }
  return (await ask(`Remove ${what}? [y/N] `, { cli, signal })).trim().toLowerCase() === 'y';
}

function formatExpired({ kind, id, run, expires, isGoing }: ExpiredResource): string {
  return `  ${kind} ${id} of ${run}, expired ${expires}${isGoing ? ', going already' : ''}`;
}
