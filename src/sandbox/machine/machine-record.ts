// What is on disk about one machine, so that a later server process finds it again.

import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createError } from '../../errors.js';
import type { ProcessIdentity } from '../../process-identity.js';
import type { LaunchRequest, MachineState } from './instance-driver.js';
import { InstanceFile } from './qemu-arguments.js';

export interface MachineRecord {
  readonly version: 1;
  readonly request: LaunchRequest;
  readonly state: MachineState;
  /** Absent while the machine is off, and in the moment between its process's start and the next write. */
  readonly process?: ProcessIdentity;
}

const STATES: readonly string[] = ['starting', 'running', 'stopping', 'stopped', 'terminated'] satisfies MachineState[];

/** Replaces the record in one step. Readable by its owner only, for user data may hold secrets. */
export async function writeMachineRecord(folder: string, record: MachineRecord): Promise<void> {
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
