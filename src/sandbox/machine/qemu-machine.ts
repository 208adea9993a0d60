// One machine from its launch to its end. Its state is kept in its record before anyone is told of it, so that what a
// client has seen is still true after a restart of the server.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createError } from '../../errors.js';
import { isSameProcessAlive } from '../../process-identity.js';
import type { ImdsServer } from '../imds/imds-server.js';
import { startImdsServer } from '../imds/imds-server.js';
import type { Accelerator } from './accelerator.js';
import { type GuestRun, type GuestScript, pingGuest, requestGuestReboot, runGuestScript } from './guest-agent.js';
import { IMDS_RELAY } from './imds-relay.js';
import type { LaunchRequest, Machine, MachineState } from './instance-driver.js';
import type { MachineRecord } from './machine-record.js';
import { writeMachineRecord } from './machine-record.js';
import { InstanceFile, renderQemuArguments } from './qemu-arguments.js';
import { createOverlay } from './qemu-disk.js';
import { endQemu, findUnrecordedQemu, startFailure, startQemu, waitForExit } from './qemu-process.js';
import type { QmpClient } from './qmp-client.js';
import { connectQmp } from './qmp-client.js';
import { openSocketFolder, type SocketFolder } from './socket-folder.js';
import { type BootLimits, watchBoot } from './watch-boot.js';

export interface MachineSurroundings {
  readonly folder: string;
  readonly accelerator: () => Promise<Accelerator>;
  readonly now: () => number;
  readonly bootLimits: BootLimits;
  readonly onStateChange: (instanceId: string, state: MachineState) => void;
  /** Told when an earlier process's machine is alive but does not answer. */
  readonly onProblem: (error: unknown) => void;
}

const QMP_LIMIT_MS = 15_000;
const POWER_DOWN_LIMIT_MS = 90_000;
/** A guest that is still booting ignores the power button, so it is pressed again. */
const POWER_BUTTON_INTERVAL_MS = 5_000;
const REBOOT_LIMIT_MS = 60_000;
const QUIT_LIMIT_MS = 5_000;

export class QemuMachine implements Machine {
  readonly #surroundings: MachineSurroundings;
  readonly #sockets: SocketFolder;
  /** Aborted by terminate and detach: ends every wait of this process, not the machine. */
  readonly #leaving = new AbortController();
  #record: MachineRecord;
  #imds: ImdsServer | undefined;
  #qmp: QmpClient | undefined;
  #lastOperation: Promise<unknown> = Promise.resolve();
  #lastWrite: Promise<void> = Promise.resolve();

  private constructor(record: MachineRecord, surroundings: MachineSurroundings) {
    this.#record = record;
    this.#surroundings = surroundings;
    this.#sockets = openSocketFolder(surroundings.folder);
  }

  /** Makes the instance's folder and disk and starts it. When that fails, nothing is left of it. */
  static async launch(request: LaunchRequest, surroundings: MachineSurroundings): Promise<QemuMachine> {
    await mkdir(surroundings.folder, { mode: 0o700 });
    const machine = new QemuMachine({ version: 1, request, state: 'starting' }, surroundings);
    try {
      await createOverlay(surroundings.folder, request, machine.#leaving.signal);
      await machine.#powerOn();
      return machine;
    } catch (error) {
      await machine.terminate();
      throw error;
    }
  }

  /** Takes over a machine of an earlier server process, whatever has become of it meanwhile. */
  static async attach(record: MachineRecord, surroundings: MachineSurroundings): Promise<QemuMachine> {
    const identity = record.process ?? findUnrecordedQemu(surroundings.folder);
    const machine = new QemuMachine({ ...record, ...(identity && { process: identity }) }, surroundings);
    if (identity === undefined || !isSameProcessAlive(identity)) {
      if (record.state !== 'stopped') await machine.#setState('stopped');
      return machine;
    }
    // A machine that cannot be talked to is kept all the same: it can still be stopped by force and terminated.
    await machine.#connect().catch(surroundings.onProblem);
    // It may have ended while it was being connected to.
    await machine.#markStopped();
    if (record.state === 'stopping') void machine.#powerDown().catch(() => undefined);
    return machine;
  }

  get instanceId(): string {
    return this.#record.request.instanceId;
  }

  get state(): MachineState {
    return this.#record.state;
  }

  get diskFile(): string {
    return path.join(this.#surroundings.folder, InstanceFile.disk);
  }

  start(): Promise<void> {
    return this.#inTurn(async () => {
      this.#assertState('start', ['stopped']);
      await this.#powerOn();
    });
  }

  stop(options: { readonly force: boolean }): Promise<void> {
    return this.#inTurn(async () => {
      if (this.state === 'stopped') return;
      this.#assertState('stop', ['starting', 'running']);
      await this.#setState('stopping');
      if (options.force) await this.#forceOff();
      else await this.#powerDown();
    });
  }

  reboot(): Promise<void> {
    return this.#inTurn(async () => {
      this.#assertState('reboot', ['starting', 'running']);
      if (this.#qmp === undefined) return;
      const qmp = this.#qmp;
      const isReset = new Promise<true>((resolve) => qmp.onEvent(({ event }) => event === 'RESET' && resolve(true)));
      const isTold = await requestGuestReboot(this.#sockets.resolve(InstanceFile.agentSocket));
      const limit = sleep(isTold ? REBOOT_LIMIT_MS : 0, false, { signal: this.#leaving.signal });
      if (!(await Promise.race([isReset, limit]))) await qmp.execute('system_reset');
    });
  }

  async pingGuest(): Promise<boolean> {
    return this.#qmp !== undefined && (await pingGuest(this.#sockets.resolve(InstanceFile.agentSocket)));
  }

  /** Does not take turns with stop and reboot: either may be what the script asks for. */
  async runInGuest(script: GuestScript): Promise<GuestRun> {
    const signal = AbortSignal.any([script.signal, this.#leaving.signal]);
    return await runGuestScript(this.#sockets.resolve(InstanceFile.agentSocket), { ...script, signal });
  }

  forwardPort({ host, guest }: { readonly host: number; readonly guest: number }): Promise<void> {
    return this.#inTurn(async () => {
      this.#assertState('forward a port', ['running']);
      const { publicIp, privateIp } = this.#record.request;
      const rule = `tcp:${publicIp}:${host}`;
      await this.#qmp?.execute('human-monitor-command', { 'command-line': `hostfwd_remove net0 ${rule}` });
      const command = `hostfwd_add net0 ${rule}-${privateIp}:${guest}`;
      const answer = await this.#qmp?.execute('human-monitor-command', { 'command-line': command });
      // The human monitor answers with text only when something is wrong.
      if (typeof answer === 'string' && answer.trim() !== '') {
        throw createError('SANDBOX_QMP_FAILED', [command, answer.trim()]);
      }
    });
  }

  /** Does not wait its turn: it ends the wait that another operation may be in. */
  async terminate(): Promise<void> {
    await this.detach();
    const identity = this.#record.process ?? findUnrecordedQemu(this.#surroundings.folder);
    if (identity !== undefined) await endQemu(identity);
    await this.#lastWrite.catch(() => undefined);
    await rm(this.#surroundings.folder, { recursive: true, force: true });
    if (this.state === 'terminated') return;
    this.#record = { ...this.#record, state: 'terminated' };
    this.#surroundings.onStateChange(this.instanceId, 'terminated');
  }

  /** Leaves the machine as it is and closes this process's handles. */
  async detach(): Promise<void> {
    this.#leaving.abort();
    await this.#lastOperation;
    this.#qmp?.close();
    await this.#imds?.close();
    this.#sockets.close();
  }

  async #powerOn(): Promise<void> {
    const { folder } = this.#surroundings;
    const { process: _former, ...record } = this.#record;
    this.#record = record;
    for (const stale of [InstanceFile.qmpSocket, InstanceFile.agentSocket, InstanceFile.pid]) {
      await rm(path.join(folder, stale), { force: true });
    }
    await writeFile(path.join(folder, InstanceFile.relay), IMDS_RELAY);
    await this.#setState('starting');
    const accelerator = await this.#surroundings.accelerator();
    const identity = await startQemu(folder, renderQemuArguments(this.#record.request, accelerator));
    this.#record = { ...this.#record, process: identity };
    await this.#setState('starting');
    await this.#connect();
  }

  async #connect(): Promise<void> {
    const { metadata } = this.#record.request;
    const { folder, now } = this.#surroundings;
    this.#imds ??= await startImdsServer({
      socketFile: this.#sockets.resolve(InstanceFile.metadataSocket),
      metadata,
      now,
    });
    const identity = this.#record.process;
    const limit = AbortSignal.timeout(QMP_LIMIT_MS);
    for (;;) {
      this.#leaving.signal.throwIfAborted();
      if (identity === undefined || !isSameProcessAlive(identity)) throw startFailure(folder);
      try {
        this.#qmp = await connectQmp(this.#sockets.resolve(InstanceFile.qmpSocket));
        break;
      } catch (error) {
        if (limit.aborted) throw error;
        await sleep(20);
      }
    }
    // The guest powered off by itself, or the process died: either way its socket is the first to go.
    this.#qmp.onClose(() => void this.#handleProcessGone().catch(() => undefined));
    if (this.state === 'starting') void this.#watchBoot(this.#qmp).catch(() => undefined);
  }

  async #watchBoot(qmp: QmpClient): Promise<void> {
    const { publicIp, sshPort } = this.#record.request;
    const { folder, bootLimits: limits } = this.#surroundings;
    await watchBoot({
      address: { host: publicIp, port: sshPort },
      consoleFile: path.join(folder, InstanceFile.console),
      reset: () => qmp.execute('system_reset'),
      limits,
      signal: this.#leaving.signal,
    });
    // It may have been stopped and started meanwhile; then another watch is on.
    if (this.state === 'starting' && qmp === this.#qmp) await this.#setState('running');
  }

  async #handleProcessGone(): Promise<void> {
    if (this.#leaving.signal.aborted) return;
    const identity = this.#record.process;
    this.#qmp = undefined;
    if (identity === undefined) return;
    if (!(await waitForExit(identity, QUIT_LIMIT_MS, this.#leaving.signal))) await endQemu(identity);
    await this.#markStopped();
  }

  // Before the record says "stopped" the process has gone, and with it QEMU's lock on the disk.
  async #markStopped(): Promise<void> {
    if (this.#record.process === undefined || isSameProcessAlive(this.#record.process)) return;
    const { process: _gone, ...record } = this.#record;
    this.#record = record;
    await this.#setState('stopped');
  }

  async #powerDown(): Promise<void> {
    const identity = this.#record.process;
    if (identity === undefined) return;
    const limit = AbortSignal.timeout(POWER_DOWN_LIMIT_MS);
    while (!limit.aborted) {
      await this.#qmp?.execute('system_powerdown').catch(() => undefined);
      if (await waitForExit(identity, POWER_BUTTON_INTERVAL_MS, this.#leaving.signal)) return this.#markStopped();
    }
    await this.#forceOff();
  }

  async #forceOff(): Promise<void> {
    const identity = this.#record.process;
    if (identity === undefined) return;
    await this.#qmp?.execute('quit').catch(() => undefined);
    if (!(await waitForExit(identity, QUIT_LIMIT_MS, this.#leaving.signal))) await endQemu(identity);
    await this.#markStopped();
  }

  async #setState(state: MachineState): Promise<void> {
    const isNew = state !== this.#record.state;
    this.#record = { ...this.#record, state };
    const record = this.#record;
    this.#lastWrite = this.#lastWrite
      .catch(() => undefined)
      .then(() => writeMachineRecord(this.#surroundings.folder, record));
    await this.#lastWrite;
    if (isNew) this.#surroundings.onStateChange(this.instanceId, state);
  }

  #assertState(action: string, allowed: readonly MachineState[]): void {
    if (!allowed.includes(this.state))
      throw createError('SANDBOX_MACHINE_STATE', [this.instanceId, action, this.state]);
  }

  #inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#lastOperation.then(operation);
    this.#lastOperation = result.catch(() => undefined);
    return result;
  }
}
