import { type ExpiredResource, findExpired, removeExpired } from '../../build/reap-expired.js';
import { createLeftBehindError } from '../../build/report-left.js';
import { ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { type OpenRegions, type RegionOptions, type RegionScope, withRegions } from '../open-regions.js';

export interface ReapExpiredOptions extends RegionOptions {
  readonly dryRun?: boolean;
}

/** Removes what runs of other machines launched and what has outlived its own expiry tag. Exits 6 when something stays. */
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
  const verb = options.dryRun === true ? 'has expired' : 'has expired and goes';
  cli.output.answer([`${region}, account ${account}: ${verb}:`, ...found.map(formatExpired)].join('\n'));
  const left = options.dryRun === true ? [] : await removeExpired(found, scope);
  if (left.length === 0) return true;
  await cli.showError(createLeftBehindError(left, { region, ...(endpoint === undefined ? {} : { endpoint }) }));
  return false;
}

function formatExpired({ kind, id, run, expires, isGoing }: ExpiredResource): string {
  return `  ${kind} ${id} of ${run}, expired ${expires}${isGoing ? ', going already' : ''}`;
}
