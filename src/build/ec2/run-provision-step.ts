import { createError } from '../../errors.js';
import type { InstanceShell } from '../../plugins/types.js';
import { readStepProgress, renderStepScript, type StepRun } from './step-script.js';

export interface StepScope {
  readonly image: string;
  readonly shell: InstanceShell;
  readonly logFile: string;
  /** Called with every chunk of output as it comes. */
  readonly onOutput: (output: Buffer) => void;
  /** Reboots the instance and gets ready to go on. */
  readonly reboot: () => Promise<void>;
}

/** Exit code by which a script asks for a reboot after which it is run again, as SSM has it. */
const REBOOT_EXIT_CODE = 194;
const MAX_REBOOTS = 5;
const WAIT_SECONDS = 20;
/** Each answer costs the instance more than what it tells: a step that prints much is asked ever less often. */
const FIRST_MORE_SECONDS = 2;
const MOST_MORE_SECONDS = 8;
const LIMIT_SECONDS = 120;
const TAIL_BYTES = 2000;

/**
 * Runs one step to its end, however often it has to be asked.
 * Errors: EC2_STEP_FAILED with the end of its output; EC2_REBOOTS_FOREVER; those of the shell.
 */
export async function runProvisionStep(run: Omit<StepRun, 'round'>, scope: StepScope): Promise<void> {
  for (let round = 0; round <= MAX_REBOOTS; round += 1) {
    const { exitCode, tail } = await followStep({ ...run, round }, scope);
    if (exitCode === 0) return;
    if (exitCode !== REBOOT_EXIT_CODE) {
      throw createError('EC2_STEP_FAILED', [scope.image, run.step.title, exitCode, tail, scope.logFile]);
    }
    await scope.reboot();
  }
  throw createError('EC2_REBOOTS_FOREVER', [run.step.title, MAX_REBOOTS + 1]);
}

async function followStep(run: StepRun, { shell, onOutput }: StepScope) {
  let offset = 0;
  let tail = Buffer.alloc(0);
  let moreSeconds = FIRST_MORE_SECONDS;
  for (;;) {
    const answer = await shell.run({
      what: `run the step "${run.step.title}"`,
      text: renderStepScript(run, { offset, waitSeconds: WAIT_SECONDS, moreSeconds }),
      limitSeconds: LIMIT_SECONDS,
    });
    const { exitCode, output } = readStepProgress(answer);
    offset += output.length;
    tail = Buffer.concat([tail, output]).subarray(-TAIL_BYTES);
    if (output.length > 0) {
      onOutput(output);
      moreSeconds = Math.min(moreSeconds * 2, MOST_MORE_SECONDS);
    }
    if (exitCode !== undefined) return { exitCode, tail: tail.toString('utf8').trim() };
  }
}
