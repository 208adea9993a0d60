// The machine side of the sandbox in memory. A machine that is launched stays `starting` until the test says otherwise,
// unless `boots` is set; stopping and ending take effect at once.

import { copyFile, writeFile } from 'node:fs/promises';
import type { GuestRun, GuestScript } from '../../src/sandbox/machine/guest-agent.js';
import type {
  InstanceDriver,
  LaunchRequest,
  Machine,
  MachineState,
} from '../../src/sandbox/machine/instance-driver.js';
import { aQcow2 } from './a-qcow2.js';

export interface FakeInstanceDriver extends InstanceDriver {
  readonly launches: readonly LaunchRequest[];
  /** What was asked of the driver, in order: `stop i-…`, `capture i-…` … */
  readonly calls: readonly string[];
  /** Moves a machine, as if it did so by itself; `endReason`: QEMU's last words. */
  move(instanceId: string, state: MachineState, endReason?: string): void;
  /** Has the driver say something about a machine. */
  notice(instanceId: string, text: string): void;
  /** From now on a machine that is launched stays `starting`. */
  holdBoots(): void;
  /** Makes captures wait until the returned function is called. */
  holdCaptures(): () => void;
  /** What the guest does with a script; by default it prints nothing and exits with 0. */
  answerScripts(run: (script: GuestScript, instanceId: string) => GuestRun | Promise<GuestRun>): void;
  /** Makes the next launch, stop or capture fail. */
  failNext(call: 'launch' | 'stop' | 'capture', message: string): void;
}

export interface FakeDriverOptions {
  /** Whether a launched machine is running at once. */
  readonly boots?: boolean;
  /** Machines of an earlier driver: what attachAll finds again. */
  readonly machines?: ReadonlyMap<string, Machine>;
  /** qcow2 file that every capture yields; by default one that can only be told from another, and not be read. */
  readonly capturedDisk?: string;
}

export function createFakeInstanceDriver({
  boots = true,
  machines: earlier,
  capturedDisk,
}: FakeDriverOptions = {}): FakeInstanceDriver {
  const machines = new Map<string, Machine>(earlier);
  const listeners: ((instanceId: string, state: MachineState) => void)[] = [];
  const noticeListeners: ((instanceId: string, text: string) => void)[] = [];
  const launches: LaunchRequest[] = [];
  const calls: string[] = [];
  const failures = new Map<string, string>();
  let isBooting = boots;
  let gate = Promise.resolve();
  let runScript: (script: GuestScript, instanceId: string) => GuestRun | Promise<GuestRun> = succeed;

  function move(instanceId: string, state: MachineState, endReason?: string): void {
    if (state === 'terminated') machines.delete(instanceId);
    else machines.set(instanceId, { instanceId, state, endReason, diskFile: `/fake/${instanceId}.qcow2` });
    for (const listener of listeners) listener(instanceId, state);
  }

  function failIfAsked(call: string): void {
    const message = failures.get(call);
    failures.delete(call);
    if (message !== undefined) throw new Error(message);
  }

  return {
    launches,
    calls,
    move,
    notice(instanceId, text) {
      for (const listener of noticeListeners) listener(instanceId, text);
    },
    holdBoots() {
      isBooting = false;
    },
    holdCaptures() {
      let open: (() => void) | undefined;
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return () => open?.();
    },
    answerScripts(run) {
      runScript = run;
    },
    pingGuest: async (instanceId) => machines.get(instanceId)?.state === 'running',
    async runInGuest(instanceId, script) {
      calls.push(`run in ${instanceId}`);
      return await runScript(script, instanceId);
    },
    failNext: (call, message) => void failures.set(call, message),
    async launch(request) {
      calls.push(`launch ${request.instanceId}`);
      failIfAsked('launch');
      launches.push(request);
      move(request.instanceId, 'starting');
      if (isBooting) move(request.instanceId, 'running');
    },
    async start(instanceId) {
      calls.push(`start ${instanceId}`);
      move(instanceId, 'starting');
      if (isBooting) move(instanceId, 'running');
    },
    async stop(instanceId, { force }) {
      calls.push(`stop ${instanceId}${force ? ' by force' : ''}`);
      failIfAsked('stop');
      move(instanceId, 'stopping');
      move(instanceId, 'stopped');
    },
    async reboot(instanceId) {
      calls.push(`reboot ${instanceId}`);
    },
    async forwardPort(instanceId, { host, guest }) {
      calls.push(`forward ${instanceId} ${host} ${guest}`);
    },
    async terminate(instanceId) {
      calls.push(`terminate ${instanceId}`);
      if (machines.has(instanceId)) move(instanceId, 'terminated');
    },
    find: (instanceId) => machines.get(instanceId),
    async capture(instanceId, file) {
      calls.push(`capture ${instanceId}`);
      await gate;
      failIfAsked('capture');
      if (capturedDisk === undefined) await writeFile(file, aQcow2({ sizeGib: 8, content: instanceId }));
      else await copyFile(capturedDisk, file);
    },
    readConsole: async (instanceId) => Buffer.from(`console of ${instanceId}\n`),
    onStateChange: (listener) => void listeners.push(listener),
    onNotice: (listener) => void noticeListeners.push(listener),
    openToGuests: async () => undefined,
    attachAll: async () => void calls.push('attachAll'),
    detachAll: async () => void calls.push('detachAll'),
  };
}

function succeed(): GuestRun {
  return exitedWith(0);
}

/** How a script ends in a guest. */
export function exitedWith(exitCode: number, { stdout = '', stderr = '' } = {}): GuestRun {
  return { kind: 'exited', exitCode, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
}
