// A machine with the arguments of every other one, whose kernel is started directly and whose only process prints a line.

import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcessAlive } from '../../process-identity.js';
import type { Accelerator } from './accelerator.js';
import type { LaunchRequest } from './instance-driver.js';
import { makeProbeInitrd, PROBE_LINE } from './probe-initrd.js';
import { InstanceFile, renderQemuArguments } from './qemu-arguments.js';
import { killQemu, readLastWords, startQemu } from './qemu-process.js';
import { runTool } from './run-tool.js';

export interface Probe {
  /** A folder for the probe's own, which is removed afterwards. */
  readonly folder: string;
  readonly program: string;
  readonly accelerator: Accelerator;
  /** A Linux kernel as a boot loader takes it (bzImage). Without one only an early death can be seen. */
  readonly kernel: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly limitMs?: number | undefined;
}

export type ProbeOutcome =
  /** The process in the guest printed its line; without a kernel: QEMU did not end. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'died'; readonly words: string }
  | { readonly kind: 'silent'; readonly limitMs: number };

/** Under KVM a kernel is there within two seconds; the rest is for a crowded host. */
const LIMIT_MS = 20_000;
/** In which QEMU has set up its processors, and died of it if it has to. */
const SETTLING_MS = 2_000;
const POLL_INTERVAL_MS = 50;
const DISK_TIMEOUT_MS = 60_000;

/** Runs the guest and ends it again. Throws the signal's reason when aborted. */
export async function runProbe(probe: Probe): Promise<ProbeOutcome> {
  const folder = await mkdtemp(path.join(probe.folder, 'probe-'));
  try {
    return await runIn(folder, probe);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runIn(folder: string, { program, accelerator, kernel, signal, limitMs }: Probe): Promise<ProbeOutcome> {
  await makeDisk(folder, signal);
  const options = kernel === undefined ? [] : await bootArguments(folder, kernel);
  const args = [...renderQemuArguments(PROBE_REQUEST, accelerator), ...options];
  const qemu = await startQemu(folder, args, program).catch((error: unknown) => error as Error);
  if (qemu instanceof Error) return { kind: 'died', words: readLastWords(folder) || qemu.message };
  const longestMs = limitMs ?? (kernel === undefined ? SETTLING_MS : LIMIT_MS);
  const limit = AbortSignal.timeout(longestMs);
  try {
    for (;;) {
      signal?.throwIfAborted();
      if (await hasPrinted(folder)) return { kind: 'alive' };
      if (!isSameProcessAlive(qemu)) return { kind: 'died', words: readLastWords(folder) };
      if (limit.aborted) return kernel === undefined ? { kind: 'alive' } : { kind: 'silent', limitMs: longestMs };
      await sleep(POLL_INTERVAL_MS);
    }
  } finally {
    // Nothing on its disk is worth a flush, and one that hangs in KVM does not react to SIGTERM.
    await killQemu(qemu);
  }
}

// The kernel does not look at it, but a machine has one.
async function makeDisk(folder: string, signal: AbortSignal | undefined): Promise<void> {
  await runTool({
    program: 'qemu-img',
    arguments: ['create', '-q', '-f', 'qcow2', InstanceFile.disk, '1M'],
    timeoutMs: DISK_TIMEOUT_MS,
    workingFolder: folder,
    signal,
  });
}

async function bootArguments(folder: string, kernel: string): Promise<readonly string[]> {
  await symlink(path.resolve(kernel), path.join(folder, 'vmlinuz'));
  await writeFile(path.join(folder, 'initrd'), makeProbeInitrd());
  // A kernel that panics ends QEMU.
  return [
    '-no-reboot',
    '-kernel',
    'vmlinuz',
    '-initrd',
    'initrd',
    '-append',
    'console=ttyS0 quiet rdinit=/init panic=-1',
  ];
}

async function hasPrinted(folder: string): Promise<boolean> {
  const text = await readFile(path.join(folder, InstanceFile.console), 'latin1').catch(() => '');
  return text.includes(PROBE_LINE);
}

// Port 0 is any free one; nobody asks for it.
const PROBE_REQUEST: LaunchRequest = {
  instanceId: 'i-00000000000000000',
  instanceType: 't3.micro',
  architecture: 'x86_64',
  baseImage: '',
  rootVolumeSizeGib: 1,
  rootVolumeId: 'vol-00000000000000000',
  privateIp: '172.31.0.4',
  publicIp: '127.0.0.1',
  sshPort: 0,
  metadata: {
    imageId: '',
    instanceId: '',
    instanceType: '',
    region: '',
    availabilityZone: '',
    accountId: '',
    macAddress: '02:00:00:00:00:04',
    privateIp: '172.31.0.4',
    publicIp: '127.0.0.1',
    securityGroups: [],
    launchTime: '',
  },
};
