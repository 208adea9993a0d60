import type { CommandResult } from '../../../aws/ec2-ports.js';
import type { ShortScript } from '../../../plugins/types.js';
import type { InstanceScope, ScriptRunner } from '../run-script.js';
import { waitForAgent } from './wait-for-agent.js';

const FIRST_POLL_MS = 150;
const LONGEST_POLL_MS = 500;
/** Delivery may take two minutes (see instance-commands.ts). */
const DELIVERY_ALLOWANCE_MS = 150_000;

/** Runs scripts through SSM Run Command; `run` stands in every command's comment, with a number. */
export function createCommandRunner(run: string, scope: InstanceScope): ScriptRunner {
  let count = 0;
  return async (script) => {
    count += 1;
    return await runOnce(script, `buildimg ${run} #${count}`, scope);
  };
}

/** Undefined when the time was up without an end, or when SSM would not take the command for now. */
async function runOnce(script: ShortScript, comment: string, scope: InstanceScope): Promise<CommandResult | undefined> {
  const { aws, instanceId, clock, signal } = scope;
  await waitForAgent(scope);
  const { text, limitSeconds } = script;
  const commandId = await aws.commands.send({ instanceId, script: text, comment, timeoutSeconds: limitSeconds });
  if (commandId === undefined) return undefined;
  const deadline = clock.now() + limitSeconds * 1000 + DELIVERY_ALLOWANCE_MS;
  for (let delayMs = FIRST_POLL_MS; clock.now() < deadline; delayMs = Math.min(delayMs * 1.4, LONGEST_POLL_MS)) {
    await clock.sleep(delayMs, signal);
    const result = await aws.commands.findResult(commandId, instanceId);
    if (result?.isEnded === true) return result;
  }
  return undefined;
}
