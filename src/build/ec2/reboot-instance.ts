import { waitUntil } from '../../aws/wait-until.js';
import { BuildimgError } from '../../errors.js';
import type { InstanceShell } from './instance-shell.js';
import type { AgentWait } from './wait-for-agent.js';

const LIMIT_MS = 600_000;
const BOOT_ID = { what: 'read the boot id', text: 'cat /proc/sys/kernel/random/boot_id', limitSeconds: 30 };

/** Reboots the instance and waits until it answers from another boot; SSM goes on saying "Online" for a while. */
export async function rebootInstance(
  shell: InstanceShell,
  { aws, instanceId, clock, signal }: AgentWait,
): Promise<void> {
  const before = await shell.run(BOOT_ID);
  await aws.instances.reboot(instanceId);
  await waitUntil({
    what: `${instanceId} to come back from its reboot`,
    limitMs: LIMIT_MS,
    clock,
    signal,
    async check() {
      const now = await shell.run(BOOT_ID).catch((error: unknown) => {
        if (error instanceof BuildimgError && error.code === 'EC2_COMMAND_FAILED') return before;
        throw error;
      });
      return now === before ? undefined : true;
    },
  });
}
