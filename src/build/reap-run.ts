import type { AwsAccess } from '../aws/create-aws-access.js';
import { RUN_TAG } from '../aws/ports.js';
import { createError } from '../errors.js';
import { forgetGone } from './clean-up-after.js';
import type { BuildContext } from './context.js';
import { removeTemporaryKey } from './ec2/ssh/temporary-key.js';
import type { FoundTrace } from './find-traces.js';
import type { RunReport } from './read-runs.js';
import { createLeftBehindError } from './report-left.js';
import { type PublishedImage, reopenRun } from './run.js';
import { findTracesInRegions, sweepRegions } from './sweep-regions.js';

export interface ReapScope {
  /** Of the run's region. */
  readonly aws: AwsAccess;
  readonly context: BuildContext;
  readonly signal: AbortSignal;
}

const SWEEP_LIMIT_MS = 600_000;

/** Whether a run may have left something: it ended without a word, or it said so itself. */
export function isReapable({ state, traces, resources }: RunReport): boolean {
  return traces !== undefined && (state === 'dead' || resources.some((resource) => resource.state === 'left'));
}

/**
 * What `reap` would remove. Looks in the account of the run only.
 * Errors: RUN_OTHER_ACCOUNT.
 */
export async function findLeftovers(run: RunReport, scope: ReapScope): Promise<readonly FoundTrace[]> {
  await assertAccount(run, scope);
  if (run.traces === undefined) return [];
  const keepImage = await findResult(run, scope);
  return await findTracesInRegions(run.traces, { aws: scope.aws, ...(keepImage === undefined ? {} : { keepImage }) });
}

/**
 * Removes what a dead run left and closes its journal.
 * Errors: RUN_OTHER_ACCOUNT; RUN_IS_ALIVE; RESOURCES_LEFT_BEHIND.
 */
export async function reapRun(record: RunReport, scope: ReapScope): Promise<void> {
  await assertAccount(record, scope);
  const { aws, context, signal } = scope;
  const run = await reopenRun(record, context);
  try {
    const traces = run.findTraces() ?? record.traces;
    const result = await findResult(record, scope);
    const left =
      traces === undefined
        ? []
        : await sweepRegions(traces, {
            aws,
            clock: context.clock,
            signal,
            limitMs: SWEEP_LIMIT_MS,
            onRemoved: (kind, id, region) => run.forget(kind, id, region),
            ...(result === undefined ? {} : { keepImage: result }),
          });
    if (traces !== undefined) forgetGone(run, { left, keepImage: result });
    for (const { kind, ...resource } of left) run.record({ kind: 'left', resource: kind, ...resource });
    const ending =
      result === undefined ? ({ outcome: 'failed' } as const) : { outcome: 'built' as const, amiId: result.id };
    run.record({ kind: 'finished', ...ending });
    await removeTemporaryKey(run);
    const { region, endpoint } = record;
    if (left.length > 0) throw createLeftBehindError(left, { region, ...(endpoint === undefined ? {} : { endpoint }) });
  } finally {
    run.close();
  }
}

/** The image of a run that went well and could not remove the rest, or that others may use already: it stays. */
async function findResult(run: RunReport, { aws }: ReapScope): Promise<PublishedImage | undefined> {
  const { amiId, published, mayBePublished, amiName } = run;
  if (published !== undefined) return published;
  if (amiId !== undefined) return await aws.catalog.findImage(amiId);
  if (!mayBePublished || amiName === undefined) return undefined;
  const image = await aws.catalog.findImageByName(amiName);
  return image?.tags[RUN_TAG] === run.run ? image : undefined;
}

/** With the credentials of another account everything of the run would look gone. */
export async function assertAccount({ run, account }: RunReport, { aws }: Pick<ReapScope, 'aws'>): Promise<void> {
  if (account === undefined) return;
  const actual = await aws.findAccount();
  if (actual !== account) throw createError('RUN_OTHER_ACCOUNT', [run, account, actual]);
}
