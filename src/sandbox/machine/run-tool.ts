// Runs one program of the host (qemu-img, mmdebstrap …) and turns its failure into an error that names it.

import { execa } from 'execa';
import { createError } from '../../errors.js';

export interface ToolRun {
  /** Name on the PATH, or an absolute path for programs in /sbin, which an unprivileged user's PATH lacks. */
  readonly program: string;
  readonly arguments: readonly string[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly workingFolder?: string;
  /** Added to the caller's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called with each line of standard error while the program runs. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** How many characters of a failed program's standard error end up in the message. */
const ERROR_TAIL_LENGTH = 2_000;

/**
 * Runs a program to its end and returns its standard output.
 *
 * Errors: SANDBOX_TOOL_MISSING when it is not installed, SANDBOX_TOOL_FAILED with the end of its standard error; an
 * abort is thrown as the signal's reason.
 */
export async function runTool(run: ToolRun): Promise<string> {
  run.signal?.throwIfAborted();
  const child = execa(run.program, [...run.arguments], {
    ...(run.workingFolder === undefined ? {} : { cwd: run.workingFolder }),
    ...(run.signal === undefined ? {} : { cancelSignal: run.signal }),
    // A translated message could neither be recognised nor looked up.
    env: { ...run.environment, LC_ALL: 'C.UTF-8' },
    ...(run.input === undefined ? { stdin: 'ignore' } : { input: run.input }),
    timeout: run.timeoutMs,
    reject: false,
  });
  if (run.onLine !== undefined) {
    for await (const line of child.iterable({ from: 'stderr' })) run.onLine(line);
  }
  const result = await child;
  if (!result.failed) return result.stdout;
  run.signal?.throwIfAborted();
  if (result.code === 'ENOENT') throw createError('SANDBOX_TOOL_MISSING', [run.program], { cause: result.cause });
  throw createError('SANDBOX_TOOL_FAILED', [
    run.program,
    result.timedOut ? `no end within ${run.timeoutMs / 1_000} s` : `exit code ${result.exitCode ?? result.signal}`,
    result.stderr.slice(-ERROR_TAIL_LENGTH),
  ]);
}
