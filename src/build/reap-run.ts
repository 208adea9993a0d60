import type { AwsAccess } from '../aws/create-aws-access.js';
import type { MachineImage } from '../aws/ports.js';
import { createError } from '../errors.js';
import type { BuildContext } from './context.js';
import { removeTemporaryKey } from './ec2/ssh/temporary-key.js';
import { type FoundTrace, findTraces } from './find-traces.js';
import type { RunReport } from './read-runs.js';
import { createLeftBehindError } from './report-left.js';
import { reopenRun } from './run.js';
import { sweepRun } from './sweep-run.js';

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
  return await findTraces(scope.aws.resources, run.traces, await findResult(run, scope));
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
    const traces = run.findTraces();
    const result = await findResult(record, scope);
    const left =
      traces === undefined
        ? []
        : await sweepRun(traces, {
            resources: aws.resources,
            clock: context.clock,
            signal,
            limitMs: SWEEP_LIMIT_MS,
            onRemoved(kind, id) {
              run.record({ kind: 'removed', resource: kind, id });
              context.emit('resource.removed', { kind, id });
            },
            ...(result === undefined ? {} : { keepImage: result }),
          });
    for (const { kind, id, reason } of left) run.record({ kind: 'left', resource: kind, id, reason });
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

/** The image of a run that went well and could not remove the rest: it stays. */
async function findResult({ amiId }: RunReport, { aws }: ReapScope): Promise<MachineImage | undefined> {
  return amiId === undefined ? undefined : await aws.catalog.findImage(amiId);
}

/** With the credentials of another account everything of the run would look gone. */
export async function assertAccount({ run, account }: RunReport, { aws }: Pick<ReapScope, 'aws'>): Promise<void> {
  if (account === undefined) return;
  const actual = await aws.findAccount();
  if (actual !== account) throw createError('RUN_OTHER_ACCOUNT', [run, account, actual]);
}
