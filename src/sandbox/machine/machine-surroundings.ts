import type { AcceleratorFinding } from './accelerator.js';
import type { MachineState } from './instance-driver.js';
import type { BootLimits } from './watch-boot.js';

/** What a machine is given by its driver. */
export interface MachineSurroundings {
  readonly folder: string;
  /** QEMU's program. */
  readonly program: string;
  readonly accelerator: () => Promise<AcceleratorFinding>;
  /** Told what a machine has shown about this host. */
  readonly remember: (finding: AcceleratorFinding) => Promise<void>;
  readonly now: () => number;
  readonly bootLimits: BootLimits;
  readonly onStateChange: (instanceId: string, state: MachineState) => void;
  readonly onNotice: (instanceId: string, text: string) => void;
  /** Told when an earlier process's machine is alive but does not answer, and when a second start fails. */
  readonly onProblem: (error: unknown) => void;
}
