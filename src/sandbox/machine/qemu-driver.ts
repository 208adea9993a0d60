// The InstanceDriver over QEMU: which machines there are, and where their folders lie.

import { open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createError } from '../../errors.js';
import { ensurePrivateFolder } from '../../private-folder.js';
import {
  type AcceleratorFinding,
  type AcceleratorOptions,
  findAccelerator,
  QEMU,
  rememberAccelerator,
} from './accelerator.js';
import { writeFenceRules } from './guest-fence.js';
import type { InstanceDriver, LaunchRequest, MachineState } from './instance-driver.js';
import { findMachineRecord } from './machine-record.js';
import type { MachineSurroundings } from './machine-surroundings.js';
import { InstanceFile } from './qemu-arguments.js';
import { flattenDisk } from './qemu-disk.js';
import { QemuMachine } from './qemu-machine.js';
import { BOOT_LIMITS, type BootLimits } from './watch-boot.js';

export interface QemuDriverOptions extends AcceleratorOptions {
  /** Machines live in `instances/<id>` below it, beside what is known about KVM. */
  readonly stateDir: string;
  /** Milliseconds since the epoch, for the metadata service's tokens. */
  readonly now: () => number;
  /** Ends long work on disks; machines are ended by terminate only. */
  readonly signal?: AbortSignal | undefined;
  /** Told when a machine of an earlier process cannot be taken over; the others are. */
  readonly onProblem?: (error: unknown) => void;
  /** How long a boot may take; by default long enough for an emulated guest on a crowded host. */
  readonly bootLimits?: BootLimits;
}

/** As EC2's GetConsoleOutput: the most recent 64 KiB. */
const CONSOLE_LIMIT_BYTES = 64 * 1024;

/** Makes the driver. Nothing is started or read before the first call; attachAll finds the machines of earlier processes. */
export function createQemuDriver(options: QemuDriverOptions): InstanceDriver {
  const machines = new Map<string, QemuMachine>();
  const launches = new Map<string, Promise<void>>();
  const listeners: ((instanceId: string, state: MachineState) => void)[] = [];
  const instancesFolder = path.join(options.stateDir, 'instances');
  const noticeListeners: ((instanceId: string, text: string) => void)[] = [];
  let isOpenToGuests = false;
  let finding: Promise<AcceleratorFinding> | undefined;

  /** Machines that start at the same time share a probe; a later one asks again, for a machine may have shown more. */
  async function findOnce(): Promise<AcceleratorFinding> {
    finding ??= findAccelerator(options).finally(() => {
      finding = undefined;
    });
    return await finding;
  }

  function surroundingsOf(instanceId: string): MachineSurroundings {
    return {
      folder: path.join(instancesFolder, instanceId),
      program: options.program ?? QEMU,
      accelerator: findOnce,
      remember: (shown) => rememberAccelerator(options, shown),
      now: options.now,
      bootLimits: options.bootLimits ?? BOOT_LIMITS,
      onProblem: (error) => options.onProblem?.(error),
      onStateChange: (id, state) => {
        for (const listener of listeners) listener(id, state);
      },
      onNotice: (id, text) => {
        for (const listener of noticeListeners) listener(id, text);
      },
    };
  }

  function getMachine(instanceId: string): QemuMachine {
    const machine = machines.get(instanceId);
    if (machine === undefined) throw createError('SANDBOX_MACHINE_NOT_FOUND', [instanceId]);
    return machine;
  }

  async function launch(request: LaunchRequest): Promise<void> {
    ensurePrivateFolder(instancesFolder);
    machines.set(request.instanceId, await QemuMachine.launch(request, surroundingsOf(request.instanceId)));
  }

  async function attach(instanceId: string): Promise<void> {
    const surroundings = surroundingsOf(instanceId);
    const record = await findMachineRecord(surroundings.folder);
    if (record !== undefined) machines.set(instanceId, await QemuMachine.attach(record, surroundings));
    // Its server died before the record was written, hence before any process was started.
    else await rm(surroundings.folder, { recursive: true, force: true });
  }

  return {
    async launch(request) {
      const launching = launch(request);
      launches.set(request.instanceId, launching);
      await launching.finally(() => launches.delete(request.instanceId));
    },
    start: async (instanceId) => getMachine(instanceId).start(),
    stop: async (instanceId, stopOptions) => getMachine(instanceId).stop(stopOptions),
    reboot: async (instanceId) => getMachine(instanceId).reboot(),
    forwardPort: async (instanceId, port) => getMachine(instanceId).forwardPort(port),
    async terminate(instanceId) {
      // A machine that is just being launched is not yet known; ending it must not miss it.
      await launches.get(instanceId)?.catch(() => undefined);
      await machines.get(instanceId)?.terminate();
      machines.delete(instanceId);
    },
    find: (instanceId) => machines.get(instanceId),
    async capture(instanceId, file) {
      const machine = getMachine(instanceId);
      if (machine.state !== 'stopped') {
        throw createError('SANDBOX_MACHINE_STATE', [instanceId, 'be captured', machine.state]);
      }
      await flattenDisk(machine.diskFile, file, options.signal);
    },
    pingGuest: async (instanceId) => (await machines.get(instanceId)?.pingGuest()) ?? false,
    runInGuest: async (instanceId, script) => await getMachine(instanceId).runInGuest(script),
    readConsole: (instanceId) => readTail(path.join(surroundingsOf(instanceId).folder, InstanceFile.console)),
    onStateChange: (listener) => void listeners.push(listener),
    onNotice: (listener) => void noticeListeners.push(listener),
    async openToGuests(port) {
      ensurePrivateFolder(options.stateDir);
      await writeFenceRules(options.stateDir, port);
      isOpenToGuests = true;
    },
    async attachAll() {
      const found = await readdir(instancesFolder).catch(() => []);
      for (const instanceId of found.filter((name) => !machines.has(name))) {
        await attach(instanceId).catch((error: unknown) => options.onProblem?.(error));
      }
    },
    async detachAll() {
      await Promise.all([...machines.values()].map((machine) => machine.detach()));
      machines.clear();
      if (isOpenToGuests) await writeFenceRules(options.stateDir, undefined);
      isOpenToGuests = false;
    },
  };
}

async function readTail(file: string): Promise<Buffer> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, CONSOLE_LIMIT_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
