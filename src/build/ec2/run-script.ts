import type { AwsAccess } from '../../aws/create-aws-access.js';
import type { Clock } from '../../clock.js';
import { createError } from '../../errors.js';
import type { ShortScript } from '../../plugins/types.js';

/** Where scripts run. */
export interface InstanceScope {
  readonly aws: AwsAccess;
  readonly instanceId: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface ScriptResult {
  /** In the words of whoever ran it, for messages. */
  readonly status: string;
  /** -1 when nobody can tell. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Undefined when the script did not come to an end as far as anybody knows. */
export type ScriptRunner = (script: ShortScript) => Promise<ScriptResult | undefined>;

/** A script whose agent or connection went away is run again; scripts allow that. */
const MAX_ATTEMPTS = 4;
const RETRY_DELAY_MS = 3000;

/**
 * Runs a script until its end is known, and gives what it printed.
 * Errors: EC2_COMMAND_FAILED when it fails or cannot be run; EC2_INSTANCE_LOST when the instance has ended.
 */
export async function runScript(script: ShortScript, runOnce: ScriptRunner, scope: InstanceScope): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    scope.signal.throwIfAborted();
    const result = await runOnce(script);
    if (result?.exitCode === 0) return result.stdout;
    await assertAlive(scope);
    const isLost = result === undefined || result.exitCode === -1;
    if (!isLost || attempt === MAX_ATTEMPTS) throw describeFailure(script, result);
    await scope.clock.sleep(RETRY_DELAY_MS, scope.signal);
  }
}

/** Errors: EC2_INSTANCE_LOST. */
export async function assertAlive({ aws, instanceId }: Pick<InstanceScope, 'aws' | 'instanceId'>): Promise<void> {
  const instance = await aws.instances.findInstance(instanceId);
  if (instance?.state === 'running' || instance?.state === 'pending') return;
  const reason = instance?.reason ?? 'no reason given';
  throw createError('EC2_INSTANCE_LOST', [instanceId, instance?.state ?? 'gone', reason]);
}

function describeFailure({ what }: ShortScript, result: ScriptResult | undefined): Error {
  if (result === undefined) return createError('EC2_COMMAND_FAILED', [what, 'the instance does not answer', '']);
  const output = [result.stderr, result.stdout].map((text) => text.trim()).find((text) => text !== '');
  return createError('EC2_COMMAND_FAILED', [what, result.status, output ?? '']);
}
