// Whether KVM truly works here. /dev/kvm may exist and still hang every guest (nested virtualisation that is only half
// there), so the answer comes from a guest: a boot sector that tells QEMU to exit.

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pid } from 'node:process';
import { execa } from 'execa';
import { createError } from '../../errors.js';
import { readBootId } from '../../process-identity.js';

export type Accelerator = 'kvm' | 'tcg';

export interface AcceleratorOptions {
  /** Folder where the answer is kept until the host reboots or QEMU changes. */
  readonly stateDir: string;
  readonly signal?: AbortSignal | undefined;
}

const PROBE_LIMIT_MS = 5_000;
// mov dx,0xf4; mov al,0x10; out dx,al; cli; hlt; jmp to hlt. The isa-debug-exit device turns 0x10 into exit code 33.
const PROBE_CODE = [0xba, 0xf4, 0x00, 0xb0, 0x10, 0xee, 0xfa, 0xf4, 0xeb, 0xfd];
const PROBE_EXIT_CODE = 33;

/** Probes once (at most 5 s), then remembers. Error: SANDBOX_TOOL_MISSING without QEMU. */
export async function findAccelerator(options: AcceleratorOptions): Promise<Accelerator> {
  const file = path.join(options.stateDir, 'accelerator.json');
  const host = `${readBootId()} ${await readQemuVersion()}`;
  const known = await readAnswer(file, host);
  if (known !== undefined) return known;
  const accelerator = (await doesKvmWork(options)) ? 'kvm' : 'tcg';
  const temporary = `${file}.${pid}`;
  await writeFile(temporary, `${JSON.stringify({ host, accelerator })}\n`);
  await rename(temporary, file);
  return accelerator;
}

async function readAnswer(file: string, host: string): Promise<Accelerator | undefined> {
  try {
    const answer = JSON.parse(await readFile(file, 'utf8')) as { host?: unknown; accelerator?: unknown };
    const isKnown = answer.accelerator === 'kvm' || answer.accelerator === 'tcg';
    return isKnown && answer.host === host ? (answer.accelerator as Accelerator) : undefined;
  } catch {
    return undefined;
  }
}

async function readQemuVersion(): Promise<string> {
  const result = await execa('qemu-system-x86_64', ['--version'], { reject: false, timeout: PROBE_LIMIT_MS });
  if (result.failed) throw createError('SANDBOX_TOOL_MISSING', ['qemu-system-x86_64'], { cause: result.cause });
  return result.stdout.split('\n')[0] ?? '';
}

async function doesKvmWork({ stateDir, signal }: AcceleratorOptions): Promise<boolean> {
  await mkdir(stateDir, { recursive: true });
  const disk = path.join(stateDir, `kvm-probe-${pid}.img`);
  const sector = Buffer.alloc(512);
  Buffer.from(PROBE_CODE).copy(sector);
  sector.writeUInt16LE(0xaa55, 510);
  await writeFile(disk, sector);
  try {
    const result = await execa('qemu-system-x86_64', probeArguments(path.basename(disk)), {
      cwd: stateDir,
      reject: false,
      timeout: PROBE_LIMIT_MS,
      // A guest that hangs in the kernel's KVM code does not react to SIGTERM.
      killSignal: 'SIGKILL',
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    signal?.throwIfAborted();
    return result.exitCode === PROBE_EXIT_CODE;
  } finally {
    await rm(disk, { force: true });
  }
}

function probeArguments(disk: string): readonly string[] {
  return [
    ['-accel', 'kvm', '-machine', 'pc', '-nodefaults', '-no-user-config', '-display', 'none'],
    ['-device', 'isa-debug-exit,iobase=0xf4,iosize=4', '-drive', `file=${disk},format=raw,if=floppy`],
  ].flat();
}
