import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ProcessIdentity } from '../../process-identity.js';
import type { AcceleratorFinding } from './accelerator.js';
import { startFence } from './guest-fence.js';
import { IMDS_RELAY } from './imds-relay.js';
import type { LaunchRequest } from './instance-driver.js';
import { InstanceFile, renderQemuArguments } from './qemu-arguments.js';
import { startQemu } from './qemu-process.js';

export interface MachineStart {
  /** The instance's folder; holds its disk. */
  readonly folder: string;
  readonly program: string;
  readonly request: LaunchRequest;
  readonly acceleration: AcceleratorFinding;
}

/** Removes what an earlier run left in the instance's folder and starts QEMU in it, with the fence of its guest. Errors: as startQemu's. */
export async function startMachine({ folder, program, request, acceleration }: MachineStart): Promise<ProcessIdentity> {
  for (const stale of ['qmpSocket', 'agentSocket', 'sentSocket', 'passedSocket', 'pid'] as const) {
    await rm(path.join(folder, InstanceFile[stale]), { force: true });
  }
  await writeFile(path.join(folder, InstanceFile.relay), IMDS_RELAY);
  const qemu = await startQemu(folder, renderQemuArguments(request, acceleration.accelerator), program);
  await startFence(folder, qemu);
  return qemu;
}
