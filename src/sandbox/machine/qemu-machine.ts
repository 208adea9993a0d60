// One machine from its launch to its end. Its state is kept in its record before anyone is told of it, so that what a
// client has seen is still true after a restart of the server.

import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createError } from '../../errors.js';
import { isSameProcessAlive } from '../../process-identity.js';
import type { AcceleratorFinding } from './accelerator.js';
import { forwardPort } from './forward-port.js';
import { type GuestRun, type GuestScript, pingGuest, runGuestScript } from './guest-agent.js';
import type { LaunchRequest, Machine, MachineState } from './instance-driver.js';
import { judgeEnd, type Verdict } from './judge-end.js';
import { type MachineRecord, RecordKeeper } from './machine-record.js';
import { MachineRun } from './machine-run.js';
import type { MachineSurroundings } from './machine-surroundings.js';
import { InstanceFile } from './qemu-arguments.js';
import { createOverlay } from './qemu-disk.js';
import { endQemu, findUnrecordedQemu, killQemu, readLastWords } from './qemu-process.js';
import { openSocketFolder, type SocketFolder } from './socket-folder.js';
import { startMachine } from './start-machine.js';
import { powerDown, reboot, turnOff, waitUntilGone } from './turn-off.js';

export class QemuMachine implements Machine {
  readonly #surroundings: MachineSurroundings;
  readonly #sockets: SocketFolder;
  /** Aborted by terminate and detach: ends every wait of this process, not the machine. */
  readonly #leaving = new AbortController();
  readonly #keeper: RecordKeeper;
  /** Undefined while nobody can talk to QEMU. */
  #run: MachineRun | undefined;
  #lastOperation: Promise<unknown> = Promise.resolve();

  private constructor(record: MachineRecord, surroundings: MachineSurroundings) {
    this.#keeper = new RecordKeeper(surroundings.folder, record);
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
      // Whoever asked is told by the error, and nobody has heard of the machine yet.
      await machine.#remove();
      throw error;
    }
  }

  /** Takes over a machine of an earlier server process, whatever has become of it meanwhile. */
  static async attach(record: MachineRecord, surroundings: MachineSurroundings): Promise<QemuMachine> {
    const identity = record.process ?? findUnrecordedQemu(surroundings.folder);
    const machine = new QemuMachine({ ...record, ...(identity && { process: identity }) }, surroundings);
    if (identity === undefined) {
      await machine.#markStopped();
      return machine;
    }
    // A machine that cannot be talked to is kept all the same: it can still be stopped by force and terminated.
    if (isSameProcessAlive(identity)) await machine.#connect().catch(surroundings.onProblem);
    // It may have ended before, or while it was being connected to.
    await machine.#settleEnd();
    if (record.state === 'stopping') void machine.#turnOff({ force: false }).catch(() => undefined);
    return machine;
  }

  get #record(): MachineRecord {
    return this.#keeper.current;
  }

  get instanceId(): string {
    return this.#record.request.instanceId;
  }

  get state(): MachineState {
    return this.#record.state;
  }

  get endReason(): string | undefined {
    return this.#record.endReason;
  }

  get diskFile(): string {
    return path.join(this.#surroundings.folder, InstanceFile.disk);
  }

  start(): Promise<void> {
    return this.#inTurn(async () => {
      this.#assertState('start', ['stopped']);
      await this.#powerOn().catch(async (error: unknown) => {
        await this.#markStopped(String(error));
        throw error;
      });
    });
  }

  stop(options: { readonly force: boolean }): Promise<void> {
    return this.#inTurn(async () => {
      if (this.state === 'stopped') return;
      this.#assertState('stop', ['starting', 'running']);
      await this.#setState('stopping');
      await this.#turnOff(options);
    });
  }

  reboot(): Promise<void> {
    return this.#inTurn(async () => {
      this.#assertState('reboot', ['starting', 'running']);
      const agentSocket = this.#sockets.resolve(InstanceFile.agentSocket);
      if (this.#run !== undefined) await reboot(this.#run.qmp, agentSocket, this.#leaving.signal);
    });
  }

  async pingGuest(): Promise<boolean> {
    return this.#run !== undefined && (await pingGuest(this.#sockets.resolve(InstanceFile.agentSocket)));
  }

  /** Does not take turns with stop and reboot: either may be what the script asks for. */
  async runInGuest(script: GuestScript): Promise<GuestRun> {
    const signal = AbortSignal.any([script.signal, this.#leaving.signal]);
    return await runGuestScript(this.#sockets.resolve(InstanceFile.agentSocket), { ...script, signal });
  }

  forwardPort(port: { readonly host: number; readonly guest: number }): Promise<void> {
    return this.#inTurn(async () => {
      this.#assertState('forward a port', ['running']);
      if (this.#run !== undefined) await forwardPort(this.#run.qmp, this.#record.request, port);
    });
  }

  /** Does not wait its turn: it ends the wait that another operation may be in. */
  async terminate(): Promise<void> {
    await this.#remove();
    if (this.state === 'terminated') return;
    this.#keeper.keepInMemory({ ...this.#record, state: 'terminated' });
    this.#surroundings.onStateChange(this.instanceId, 'terminated');
  }

  async #remove(): Promise<void> {
    await this.detach();
    const identity = this.#record.process ?? findUnrecordedQemu(this.#surroundings.folder);
    if (identity !== undefined) await endQemu(identity);
    await this.#keeper.settle();
    await rm(this.#surroundings.folder, { recursive: true, force: true });
  }

  /** Leaves the machine as it is and closes this process's handles. */
  async detach(): Promise<void> {
    this.#leaving.abort();
    await this.#lastOperation;
    await this.#run?.close();
    this.#sockets.close();
  }

  async #powerOn(): Promise<void> {
    const acceleration = await this.#surroundings.accelerator();
    try {
      await this.#powerOnWith(acceleration);
    } catch (error) {
      const verdict = this.#judgeEnd();
      if (verdict.kind === 'off' || this.#leaving.signal.aborted) throw error;
      await this.#powerOnWithoutKvm(verdict);
    }
  }

  /** Its state stays what it is: for its owner, this start takes longer. */
  async #powerOnWithoutKvm({ failure, isLesson }: Extract<Verdict, { kind: 'retry' }>): Promise<void> {
    const why = `KVM failed the machine of ${this.instanceId}: ${failure}`;
    if (this.#record.process !== undefined) await killQemu(this.#record.process);
    this.#surroundings.onNotice(this.instanceId, `started again without KVM, which takes longer: ${failure}`);
    await this.#powerOnWith({ accelerator: 'tcg', basis: 'machine', why }, isLesson);
  }

  async #powerOnWith(acceleration: AcceleratorFinding, isLesson = false): Promise<void> {
    const { folder, program } = this.#surroundings;
    const { request } = this.#record;
    this.#keeper.keepInMemory({ version: 1, request, state: this.state, acceleration, isLesson });
    await this.#setState('starting');
    const identity = await startMachine({ folder, program, request, acceleration });
    await this.#keeper.keep({ ...this.#record, process: identity });
    await this.#connect();
  }

  async #connect(): Promise<void> {
    const [record, surroundings, sockets] = [this.#record, this.#surroundings, this.#sockets];
    const run = await MachineRun.connect({ record, surroundings, sockets, signal: this.#leaving.signal });
    this.#run = run;
    // The guest powered off by itself, or the process died: either way its socket is the first to go.
    run.qmp.onClose(() => void this.#handleProcessGone(run).catch(surroundings.onProblem));
    if (this.state !== 'starting') return;
    void this.#watchBoot(run).catch(() => undefined);
    void this.#watchTrial(run).catch(() => undefined);
  }

  async #watchBoot(run: MachineRun): Promise<void> {
    await run.watchBoot();
    // It may have been stopped and started meanwhile; then another watch is on.
    if (this.state === 'starting' && run === this.#run) await this.#setState('running');
  }

  /** Until a machine has shown that KVM is right, or that doing without was, nothing is known for the next one. */
  async #watchTrial(run: MachineRun): Promise<void> {
    const outcome = await run.watchTrial();
    if (outcome?.kind !== 'passed') return;
    await this.#keeper.keep({ ...this.#record, isAlive: true });
    if (outcome.shown !== undefined) await this.#surroundings.remember(outcome.shown);
  }

  async #handleProcessGone(run: MachineRun): Promise<void> {
    if (this.#leaving.signal.aborted) return;
    this.#run = undefined;
    await run.close();
    if (run.identity !== undefined) await waitUntilGone(run.identity, this.#leaving.signal);
    await this.#inTurn(() => this.#settleEnd(run));
  }

  /** A machine whose process has gone is off, or KVM has failed it and it gets a second start. */
  async #settleEnd(run?: MachineRun): Promise<void> {
    const { process: identity } = this.#record;
    if (identity === undefined || isSameProcessAlive(identity)) return;
    const verdict = this.#judgeEnd(run);
    if (verdict.kind === 'off') return await this.#markStopped(verdict.reason);
    await this.#powerOnWithoutKvm(verdict).catch(async (error: unknown) => {
      await this.#markStopped(String(error));
      throw error;
    });
  }

  #judgeEnd(run?: MachineRun): Verdict {
    const lastWords = readLastWords(this.#surroundings.folder);
    const { hasGuestShutDown, failure } = run?.end ?? { hasGuestShutDown: false, failure: undefined };
    return judgeEnd({ record: this.#record, hasGuestShutDown, failure, lastWords });
  }

  // Before the record says "stopped" the process has gone, and with it QEMU's lock on the disk.
  async #markStopped(endReason?: string): Promise<void> {
    if (this.state === 'stopped') return;
    const { process: _gone, ...record } = this.#record;
    this.#keeper.keepInMemory({ ...record, ...(endReason !== undefined && { endReason }) });
    await this.#setState('stopped');
  }

  async #turnOff({ force }: { readonly force: boolean }): Promise<void> {
    const identity = this.#record.process;
    if (identity === undefined) return;
    await (force ? turnOff : powerDown)({ identity, qmp: this.#run?.qmp, signal: this.#leaving.signal });
    await this.#markStopped();
  }

  async #setState(state: MachineState): Promise<void> {
    const isNew = state !== this.state;
    await this.#keeper.keep({ ...this.#record, state });
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
