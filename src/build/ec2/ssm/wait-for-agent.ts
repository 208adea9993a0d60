import { readConsoleEnd } from '../../../aws/read-console-end.js';
import { waitUntil } from '../../../aws/wait-until.js';
import { BuildimgError, createError } from '../../../errors.js';
import type { InstanceScope } from '../run-script.js';

/** Measured on AWS: 30 s to 6 min (reference: stratus-red-team#108). */
const LIMIT_MS = 900_000;
const ENDED = ['shutting-down', 'terminated', 'stopping', 'stopped'];

/** Waits until SSM reaches the instance. Errors: EC2_AGENT_SILENT with the end of the console; EC2_INSTANCE_LOST. */
export async function waitForAgent({ aws, instanceId, clock, signal }: InstanceScope): Promise<void> {
  try {
    await waitUntil({
      what: `the SSM agent of ${instanceId}`,
      limitMs: LIMIT_MS,
      firstDelayMs: 300,
      longestDelayMs: 500,
      clock,
      signal,
      async check() {
        if (await aws.commands.isOnline(instanceId)) return true;
        const instance = await aws.instances.findInstance(instanceId);
        if (instance === undefined || !ENDED.includes(instance.state)) return undefined;
        throw createError('EC2_INSTANCE_LOST', [instanceId, instance.state, instance.reason]);
      },
    });
  } catch (error) {
    if (!(error instanceof BuildimgError && error.code === 'WAIT_TIMED_OUT')) throw error;
    const console = await readConsoleEnd(aws.instances, instanceId);
    throw createError('EC2_AGENT_SILENT', [instanceId, LIMIT_MS / 1000, console], { cause: error });
  }
}
