import { waitUntil } from '../../aws/wait-until.js';
import { BuildimgError } from '../../errors.js';
import type { InstanceShell } from '../../plugins/types.js';
import type { ImageBuild } from '../build-request.js';
import { expiryHoursOf } from '../expiry.js';
import { renderExpiry } from './user-data.js';

const LIMIT_MS = 600_000;
const BOOT_ID = { what: 'read the boot id', text: 'cat /proc/sys/kernel/random/boot_id', limitSeconds: 30 };

/** Reboots the instance and waits until it answers from another boot; SSM goes on saying "Online" for a while. */
export async function rebootInstance(shell: InstanceShell, { plan, request, context }: ImageBuild): Promise<void> {
  const { instanceId } = shell;
  const before = await shell.run(BOOT_ID);
  await request.aws.instances.reboot(instanceId);
  await waitUntil({
    what: `${instanceId} to come back from its reboot`,
    limitMs: LIMIT_MS,
    clock: context.clock,
    signal: request.interruption.signal,
    async check() {
      const now = await shell.run(BOOT_ID).catch((error: unknown) => {
        if (error instanceof BuildimgError && error.code === 'EC2_COMMAND_FAILED') return before;
        throw error;
      });
      return now === before ? undefined : true;
    },
  });
  // cloud-init sets the timer on the first boot only.
  const text = `systemctl is-active --quiet buildimg-expiry.timer || ${renderExpiry(expiryHoursOf(plan))}`;
  await shell.run({ what: 'set the timer that ends it', text, limitSeconds: 60 });
}
