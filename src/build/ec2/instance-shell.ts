// Scripts on the build instance through SSM: sent, waited for, and found out about when the agent or the reply is lost.
import type { AwsAccess } from '../../aws/create-aws-access.js';
import type { CommandResult } from '../../aws/ec2-ports.js';
import type { Clock } from '../../clock.js';
import { createError } from '../../errors.js';

export interface InstanceShell {
  readonly instanceId: string;
  /**
   * Runs a script as root and gives what it printed. Only for scripts that do no harm when they are run twice.
   * Errors: EC2_COMMAND_FAILED when it fails or cannot be run; EC2_INSTANCE_LOST when the instance has ended.
   */
  run(script: ShortScript): Promise<string>;
}

export interface ShortScript {
  /** Completes "SSM could not …". */
  readonly what: string;
  readonly text: string;
  readonly limitSeconds: number;
}

export interface ShellScope {
  readonly aws: Pick<AwsAccess, 'commands' | 'instances'>;
  readonly instanceId: string;
  /** Stands in every command's comment, with a number. */
  readonly run: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const FIRST_POLL_MS = 150;
const LONGEST_POLL_MS = 1000;
/** Delivery may take two minutes (see instance-commands.ts). */
const DELIVERY_ALLOWANCE_MS = 150_000;
/** A command whose agent went away is sent again; the scripts allow that. */
const MAX_ATTEMPTS = 4;
const RETRY_DELAY_MS = 3000;

export function openInstanceShell(scope: ShellScope): InstanceShell {
  const { instanceId, clock, signal } = scope;
  let count = 0;
  return {
    instanceId,
    async run(script) {
      for (let attempt = 1; ; attempt += 1) {
        count += 1;
        const result = await runOnce(script, `buildimg ${scope.run} #${count}`, scope);
        if (result?.exitCode === 0) return result.stdout;
        await assertAlive(scope);
        const isLost = result === undefined || result.exitCode === -1;
        if (!isLost || attempt === MAX_ATTEMPTS) throw commandFailed(script, result);
        await clock.sleep(RETRY_DELAY_MS, signal);
      }
    },
  };
}

/** Undefined when the time was up without an end, or when SSM would not take the command for now. */
async function runOnce(script: ShortScript, comment: string, scope: ShellScope): Promise<CommandResult | undefined> {
  const { aws, instanceId, clock, signal } = scope;
  signal.throwIfAborted();
  if (!(await aws.commands.isOnline(instanceId))) return undefined;
  const { text, limitSeconds } = script;
  const commandId = await aws.commands.send({ instanceId, script: text, comment, timeoutSeconds: limitSeconds });
  const deadline = clock.now() + limitSeconds * 1000 + DELIVERY_ALLOWANCE_MS;
  for (let delayMs = FIRST_POLL_MS; clock.now() < deadline; delayMs = Math.min(delayMs * 1.4, LONGEST_POLL_MS)) {
    await clock.sleep(delayMs, signal);
    const result = await aws.commands.findResult(commandId, instanceId);
    if (result?.isEnded === true) return result;
  }
  return undefined;
}

async function assertAlive({ aws, instanceId }: ShellScope): Promise<void> {
  const instance = await aws.instances.findInstance(instanceId);
  if (instance?.state === 'running' || instance?.state === 'pending') return;
  throw createError('EC2_INSTANCE_LOST', [
    instanceId,
    instance?.state ?? 'gone',
    instance?.reason ?? 'no reason given',
  ]);
}

function commandFailed({ what }: ShortScript, result: CommandResult | undefined): Error {
  if (result === undefined) return createError('EC2_COMMAND_FAILED', [what, 'the agent does not answer', '']);
  const output = [result.stderr, result.stdout].map((text) => text.trim()).find((text) => text !== '');
  return createError('EC2_COMMAND_FAILED', [what, result.status, output ?? '']);
}
