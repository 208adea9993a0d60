// Whether machines run under KVM or are emulated. /dev/kvm may be there and be of no use (nested virtualization that is only
// half there): QEMU then dies when it sets a guest up, or the guest hangs. So the answer comes from a guest, is kept together
// with why, and is corrected by the machines that run with it.

import { createHash } from 'node:crypto';
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pid } from 'node:process';
import { execa } from 'execa';
import { createError } from '../../errors.js';
import { ensurePrivateFolder } from '../../private-folder.js';
import { readBootId } from '../../process-system.js';
import { type Probe, type ProbeOutcome, runProbe } from './kvm-probe.js';

export type Accelerator = 'kvm' | 'tcg';

export interface AcceleratorFinding {
  readonly accelerator: Accelerator;
  /** Who says so: the user, the lack of a usable /dev/kvm, a guest that was run for it, a machine, or nobody yet. */
  readonly basis: 'chosen' | 'host' | 'probe' | 'machine' | 'untried';
  /** Completes "because …". */
  readonly why: string;
}

export interface AcceleratorOptions {
  /** Folder where the answer is kept until the host boots again, or QEMU or the probe's kernel changes. */
  readonly stateDir: string;
  /** What the user decided; see readAccelerator. */
  readonly chosen?: Accelerator | undefined;
  /** A Linux kernel that the probe boots; undefined while there is none. */
  readonly findKernel?: (() => Promise<string | undefined>) | undefined;
  /** Default qemu-system-x86_64. */
  readonly program?: string | undefined;
  /** Default /dev/kvm. */
  readonly device?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly probeLimitMs?: number | undefined;
}

export const QEMU = 'qemu-system-x86_64';
export const ACCELERATOR_VARIABLE = 'BUILDIMG_SANDBOX_ACCELERATOR';

const VERSION_LIMIT_MS = 10_000;

/** The user's decision. Error: SANDBOX_ACCELERATOR_INVALID. */
export function readAccelerator(environment: Readonly<Record<string, string | undefined>>): Accelerator | undefined {
  const value = environment[ACCELERATOR_VARIABLE];
  if (value === undefined || value === '') return undefined;
  if (value === 'kvm' || value === 'tcg') return value;
  throw createError('SANDBOX_ACCELERATOR_INVALID', [ACCELERATOR_VARIABLE, value]);
}

/**
 * Finds out how machines are to be run, by a probe of some seconds when nothing is known yet. An answer that no guest has given
 * is not kept.
 *
 * Error: SANDBOX_TOOL_MISSING without QEMU.
 */
export async function findAccelerator(options: AcceleratorOptions): Promise<AcceleratorFinding> {
  const { chosen } = options;
  if (chosen !== undefined) return { accelerator: chosen, basis: 'chosen', why: `${ACCELERATOR_VARIABLE} says so` };
  const obstacle = await findObstacle(options.device ?? '/dev/kvm');
  if (obstacle !== undefined) return { accelerator: 'tcg', basis: 'host', why: obstacle };
  const kernel = await options.findKernel?.();
  const key = await describeHost(options.program ?? QEMU, kernel);
  const known = await readAnswer(options.stateDir, key);
  if (known !== undefined) return known;
  ensurePrivateFolder(options.stateDir);
  const finding = judge(await runProbe(toProbe(options, kernel)), kernel !== undefined);
  if (finding.basis !== 'untried') await writeAnswer(options.stateDir, key, finding);
  return finding;
}

/** Keeps what a machine has shown; it overrules the probe. */
export async function rememberAccelerator(options: AcceleratorOptions, finding: AcceleratorFinding): Promise<void> {
  const key = await describeHost(options.program ?? QEMU, await options.findKernel?.());
  await writeAnswer(options.stateDir, key, finding);
}

/** Whether a machine that is started with this finding has to show that it is right. */
export function isOnTrial({ accelerator, basis }: AcceleratorFinding): boolean {
  return accelerator === 'kvm' && basis !== 'chosen';
}

async function findObstacle(device: string): Promise<string | undefined> {
  try {
    await (await open(device, 'r+')).close();
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return `this host has no ${device}`;
    if (code === 'EACCES' || code === 'EPERM') {
      return `this user may not open ${device} (the members of its group, mostly kvm, may)`;
    }
    return `${device} cannot be opened: ${message}`;
  }
}

function toProbe({ stateDir, program, signal, probeLimitMs }: AcceleratorOptions, kernel: string | undefined): Probe {
  return { folder: stateDir, program: program ?? QEMU, accelerator: 'kvm', kernel, signal, limitMs: probeLimitMs };
}

function judge(outcome: ProbeOutcome, hasKernel: boolean): AcceleratorFinding {
  if (outcome.kind === 'died') {
    const words = outcome.words === '' ? '' : `: ${outcome.words}`;
    return { accelerator: 'tcg', basis: 'probe', why: `QEMU ended when it ran a guest with KVM${words}` };
  }
  if (outcome.kind === 'silent') {
    const seconds = Math.round(outcome.limitMs / 1_000);
    return {
      accelerator: 'tcg',
      basis: 'probe',
      why: `a guest that was run with KVM showed no sign of life within ${seconds} s`,
    };
  }
  if (hasKernel) return { accelerator: 'kvm', basis: 'probe', why: 'a guest was run with it' };
  return { accelerator: 'kvm', basis: 'untried', why: '/dev/kvm is there; no guest has been run with it yet' };
}

/** What an answer is true for. */
async function describeHost(program: string, kernel: string | undefined): Promise<string> {
  const result = await execa(program, ['--version'], { reject: false, timeout: VERSION_LIMIT_MS });
  if (result.failed) throw createError('SANDBOX_TOOL_MISSING', [program], { cause: result.cause });
  const digest =
    kernel === undefined
      ? 'none'
      : createHash('sha256')
          .update(await readFile(kernel))
          .digest('hex');
  return `${readBootId()} ${result.stdout.split('\n')[0] ?? ''} kernel ${digest.slice(0, 16)}`;
}

async function readAnswer(stateDir: string, key: string): Promise<AcceleratorFinding | undefined> {
  try {
    const answer = JSON.parse(await readFile(path.join(stateDir, FILE), 'utf8')) as Partial<Answer>;
    const { host, accelerator, basis, why } = answer;
    if (host !== key || (accelerator !== 'kvm' && accelerator !== 'tcg')) return undefined;
    return (basis === 'probe' || basis === 'machine') && why !== undefined ? { accelerator, basis, why } : undefined;
  } catch {
    return undefined;
  }
}

const FILE = 'accelerator.json';

interface Answer extends AcceleratorFinding {
  readonly host: string;
}

async function writeAnswer(stateDir: string, host: string, finding: AcceleratorFinding): Promise<void> {
  const file = path.join(stateDir, FILE);
  const temporary = `${file}.${pid}`;
  await writeFile(temporary, `${JSON.stringify({ host, ...finding } satisfies Answer, undefined, 2)}\n`);
  await rename(temporary, file);
}
