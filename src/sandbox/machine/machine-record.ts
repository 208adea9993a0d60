// What is on disk about one machine, so that a later server process finds it again.

import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createError } from '../../errors.js';
import type { ProcessIdentity } from '../../process-identity.js';
import type { AcceleratorFinding } from './accelerator.js';
import type { LaunchRequest, MachineState } from './instance-driver.js';
import { InstanceFile } from './qemu-arguments.js';

export interface MachineRecord {
  readonly version: 1;
  readonly request: LaunchRequest;
  readonly state: MachineState;
  /** Absent while the machine is off, and in the moment between its process's start and the next write. */
  readonly process?: ProcessIdentity;
  /** How it was started the last time. */
  readonly acceleration?: AcceleratorFinding;
  /** KVM failed it at its last start, so that its coming to life without shows what works on this host. */
  readonly isLesson?: boolean;
  /** Since its last start a process of the guest has done something; see wait-for-life.ts. */
  readonly isAlive?: boolean;
  /** Why it ended when neither a client nor the guest asked for it. */
  readonly endReason?: string;
}

const STATES: readonly string[] = ['starting', 'running', 'stopping', 'stopped', 'terminated'] satisfies MachineState[];

/** A machine's record in memory and on disk. */
export class RecordKeeper {
  readonly #folder: string;
  #current: MachineRecord;
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(folder: string, record: MachineRecord) {
    this.#folder = folder;
    this.#current = record;
  }

  get current(): MachineRecord {
    return this.#current;
  }

  /** Takes effect at once; resolves when it is on disk. */
  async keep(record: MachineRecord): Promise<void> {
    this.#current = record;
    this.#lastWrite = this.#lastWrite.catch(() => undefined).then(() => writeMachineRecord(this.#folder, record));
    await this.#lastWrite;
  }

  /** For what is not worth a write of its own, or comes after the folder has gone. */
  keepInMemory(record: MachineRecord): void {
    this.#current = record;
  }

  async settle(): Promise<void> {
    await this.#lastWrite.catch(() => undefined);
  }
}

/** Replaces the record in one step. Readable by its owner only, for user data may hold secrets. */
async function writeMachineRecord(folder: string, record: MachineRecord): Promise<void> {
  const file = path.join(folder, InstanceFile.record);
  await writeFile(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Undefined when the folder has none. Error: SANDBOX_MACHINE_RECORD_BROKEN. */
export async function findMachineRecord(folder: string): Promise<MachineRecord | undefined> {
  const file = path.join(folder, InstanceFile.record);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const record = parseRecord(text);
  if (record?.request.instanceId !== path.basename(folder)) throw createError('SANDBOX_MACHINE_RECORD_BROKEN', [file]);
  return record;
}

function parseRecord(text: string): MachineRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<MachineRecord>;
    const isWhole = record.version === 1 && record.request !== undefined && STATES.includes(record.state ?? '');
    return isWhole ? (record as MachineRecord) : undefined;
  } catch {
    return undefined;
  }
}
