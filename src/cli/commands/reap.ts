import { createAwsAccess } from '../../aws/create-aws-access.js';
import { createBuildContext } from '../../build/context.js';
import { getEndedRun, getRun, listRuns, type RunReport } from '../../build/read-runs.js';
import { findLeftovers, isReapable, reapRun } from '../../build/reap-run.js';
import { createError, ExitCode } from '../../errors.js';
import { abortOnSignal } from '../abort-on-signal.js';
import { actAs } from '../act-as.js';
import type { CliContext } from '../cli-context.js';
import { describeDamage } from '../describe-damage.js';
import { exitCodeOf } from '../exit-code-of.js';
import type { RegionOptions } from '../open-regions.js';
import { openTarget } from '../open-target.js';
import { createReporter } from '../reporters/create-reporter.js';

export interface ReapOptions extends RegionOptions {
  /** Instead: what runs of other machines launched, and what has outlived its expiry tag. */
  readonly expired?: boolean;
  readonly assumeDead?: boolean;
  readonly dryRun?: boolean;
  /** With `expired`: do not ask. */
  readonly yes?: boolean;
}

/** Removes what dead runs left in EC2; all of them when none is named. */
export async function reap(ids: readonly string[], options: ReapOptions, cli: CliContext): Promise<ExitCode> {
  if (options.expired === true) {
    if (ids.length > 0) throw createError('USAGE', ['reap --expired is about runs that this machine does not know']);
    const { reapExpired } = await import('./reap-expired.js');
    return await reapExpired(options, cli);
  }
  if (options.assumeDead === true && ids.length === 0) {
    throw createError('USAGE', ['--assume-dead is said of runs that are named']);
  }
  const runs = await selectRuns(ids, options, cli);
  if (runs.length === 0) {
    cli.output.answer('No run has left anything');
    return ExitCode.done;
  }
  const interruption = abortOnSignal();
  try {
    let code: ExitCode = ExitCode.done;
    for (const run of runs) {
      try {
        await reapOne(run, options, { cli, signal: interruption.signal });
      } catch (error) {
        await cli.showError(error);
        code = exitCodeOf(error);
      }
    }
    return code;
  } finally {
    interruption.stop();
  }
}

async function selectRuns(
  ids: readonly string[],
  { assumeDead = false }: ReapOptions,
  { environment, output }: CliContext,
): Promise<readonly RunReport[]> {
  const getNamed = assumeDead ? getEndedRun : getRun;
  if (ids.length > 0) return await Promise.all(ids.map((id) => getNamed(id, environment, process.pid)));
  const runs = await listRuns(environment);
  for (const { run, owner } of runs.filter(({ state }) => state === 'unknown')) {
    output.progress(
      `${run} is left alone: it belongs to ${owner}, and from here it cannot be told whether that goes on.`,
    );
  }
  return runs.filter(isReapable);
}

async function reapOne(
  found: RunReport,
  { dryRun, region, sandbox }: ReapOptions,
  { cli, signal }: { readonly cli: CliContext; readonly signal: AbortSignal },
): Promise<void> {
  const placed = completeRegion(found, region?.[0]);
  const damage = describeDamage(placed);
  if (damage !== undefined) cli.output.progress(`${placed.run}: ${damage}; reap goes by the rest of it.`);
  const isSandbox = placed.endpoint !== undefined || (found.region === '' && sandbox === true);
  const opened = await openTarget({ images: [], isSandbox, signal }, cli);
  const target = await actAs(placed.profile, opened, cli);
  const run = isSandbox ? { ...placed, ...endpointOf(target.aws) } : placed;
  const aws = createAwsAccess({ region: run.region, ...target.aws });
  const reporter = createReporter(cli, { ndjson: false });
  const context = createBuildContext(cli.environment, (event) => reporter.receive(event));
  try {
    const left = await findLeftovers(run, { aws, context, signal });
    if (dryRun === true) {
      const lines = left.map(({ kind, id }) => `  ${kind} ${id}`);
      cli.output.answer([`${run.run} (${run.image}, ${run.region}) left:`, ...lines].join('\n'));
      return;
    }
    await reapRun(run, { aws, context, signal });
    cli.output.answer(`${run.run}: ${left.length === 0 ? 'nothing was left' : `removed ${left.length} things`}`);
    if (run.mayBePublished) {
      cli.output.progress(
        `An image of ${run.run} stays, if there is one: such a line may have said that others use it.`,
      );
    }
  } finally {
    reporter.close();
    aws.close();
  }
}

/** Of a run whose first line cannot be read, a person has to say where it worked. Errors: JOURNAL_PLACE_UNKNOWN. */
function completeRegion(run: RunReport, region: string | undefined): RunReport {
  if (run.region !== '') return run;
  if (region === undefined) throw createError('JOURNAL_PLACE_UNKNOWN', [run.run, run.folder]);
  return { ...run, region };
}

function endpointOf({ endpoint }: { readonly endpoint?: string | undefined }): { readonly endpoint?: string } {
  return endpoint === undefined ? {} : { endpoint };
}
