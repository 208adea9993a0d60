// One run of a machine's QEMU, from its start to its end: the connection to it, its metadata service, what was seen of its guest.

import path from 'node:path';
import type { ProcessIdentity } from '../../process-identity.js';
import { type ImdsServer, startImdsServer } from '../imds/imds-server.js';
import { watchConsoleSize } from './bound-console.js';
import { connectQemu } from './connect-qemu.js';
import type { End } from './judge-end.js';
import { HALTED, type TrialOutcome, watchTrial } from './kvm-trial.js';
import type { MachineRecord } from './machine-record.js';
import type { MachineSurroundings } from './machine-surroundings.js';
import { InstanceFile } from './qemu-arguments.js';
import { killQemu } from './qemu-process.js';
import type { QmpClient } from './qmp-client.js';
import type { SocketFolder } from './socket-folder.js';
import { isHalted } from './wait-for-life.js';
import { watchBoot } from './watch-boot.js';

export interface RunRequest {
  /** Of the machine as it was started. */
  readonly record: MachineRecord;
  readonly surroundings: MachineSurroundings;
  readonly sockets: SocketFolder;
  /** Ends every wait, not the run. */
  readonly signal: AbortSignal;
}

export class MachineRun {
  readonly qmp: QmpClient;
  readonly #request: RunRequest;
  readonly #imds: ImdsServer;
  readonly #stopWatchingConsole: () => void;
  #hasBanner = false;
  #hasGuestShutDown = false;
  #failure: string | undefined;

  private constructor(request: RunRequest, qmp: QmpClient, imds: ImdsServer) {
    this.#request = request;
    this.qmp = qmp;
    this.#imds = imds;
    this.#stopWatchingConsole = watchConsoleSize(path.join(request.surroundings.folder, InstanceFile.console));
    qmp.onEvent(({ event, data }) => {
      if (event === 'SHUTDOWN') this.#hasGuestShutDown = data['guest'] === true;
      if (event === 'STOP') void this.#failIfHalted().catch(() => undefined);
    });
  }

  /** Connects to a QEMU that was started. Errors: SANDBOX_MACHINE_START_FAILED when it ends, SANDBOX_QMP_FAILED. */
  static async connect(request: RunRequest): Promise<MachineRun> {
    const { record, surroundings, sockets, signal } = request;
    const { folder, now } = surroundings;
    const socketFile = sockets.resolve(InstanceFile.metadataSocket);
    const imds = await startImdsServer({ socketFile, metadata: record.request.metadata, now });
    try {
      const qmpSocket = sockets.resolve(InstanceFile.qmpSocket);
      const qmp = await connectQemu({ identity: record.process, folder, socketFile: qmpSocket, signal });
      return new MachineRun(request, qmp, imds);
    } catch (error) {
      await imds.close();
      throw error;
    }
  }

  get identity(): ProcessIdentity | undefined {
    return this.#request.record.process;
  }

  /** What is known about its end beside what QEMU says. */
  get end(): Pick<End, 'hasGuestShutDown' | 'failure'> {
    return { hasGuestShutDown: this.#hasGuestShutDown, failure: this.#failure };
  }

  /** Resolves when the machine counts as running; see watch-boot.ts. */
  async watchBoot(): Promise<void> {
    const { record, surroundings, signal } = this.#request;
    const { publicIp, sshPort } = record.request;
    this.#hasBanner = await watchBoot({
      address: { host: publicIp, port: sshPort },
      consoleFile: path.join(surroundings.folder, InstanceFile.console),
      reset: () => this.qmp.execute('system_reset'),
      limits: surroundings.bootLimits,
      signal,
    });
  }

  /** Ends the process when the trial fails; see kvm-trial.ts. */
  async watchTrial(): Promise<TrialOutcome | undefined> {
    const { record, surroundings, signal } = this.#request;
    const isSeenAlive = () => this.#imds.isAsked || this.#hasBanner;
    const { lifeMs } = surroundings.bootLimits;
    const outcome = await watchTrial({ record, qmp: this.qmp, isSeenAlive, lifeMs, signal });
    if (outcome?.kind === 'failed') await this.#fail(outcome.failure);
    return outcome;
  }

  /** Leaves QEMU as it is. */
  async close(): Promise<void> {
    this.#stopWatchingConsole();
    this.qmp.close();
    await this.#imds.close();
  }

  async #failIfHalted(): Promise<void> {
    if (await isHalted(this.qmp)) await this.#fail(HALTED);
  }

  /** Ends the process; what comes of it is for the machine to decide, as at every other end. */
  async #fail(reason: string): Promise<void> {
    this.#failure = reason;
    if (this.identity !== undefined) await killQemu(this.identity);
  }
}
