import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AwsAccess, createAwsAccess } from '../../src/aws/create-aws-access.js';
import { createRegistrationAccess } from '../../src/aws/create-registration-access.js';
import { BLOCK_BYTES, type RegistrationAccess } from '../../src/aws/registration-ports.js';
import { createBuildContext, systemClock } from '../../src/build/context.js';
import { registerDisk } from '../../src/build/register/register-disk.js';
import type { RegisterOutcome, RegisterRequest } from '../../src/build/register/register-request.js';
import type { Registration } from '../../src/build/register/registration.js';
import type { BuildimgEvent } from '../../src/events.js';
import { startTestSandbox, type TestSandbox } from './a-sandbox.js';
import { noSignal } from './scan-fixtures.js';

export interface Registrations extends TestSandbox {
  readonly folder: string;
  readonly aws: AwsAccess;
  readonly access: RegistrationAccess;
  readonly environment: Readonly<Record<string, string>>;
  readonly events: readonly BuildimgEvent[];
  /** Registers a disk; waits take no time. */
  register(
    registration: Registration,
    request?: Partial<RegisterRequest>,
    stateFolder?: string,
  ): Promise<RegisterOutcome>;
  /** How often an operation was answered with a success since `from`, a length of the log, or since `clear`. */
  countCalls(operation: string, from?: number): number;
  /** Whether every byte of a snapshot is the file's; behind its end there are zeros. */
  hasContent(snapshotId: string, content: Buffer): Promise<boolean>;
  /** Ids of all images and snapshots of the account. */
  listLeft(): Promise<readonly string[]>;
  /** Removes all images and snapshots, and every fault. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function startRegistrations(): Promise<Registrations> {
  const folder = mkdtempSync(join(tmpdir(), 'register-'));
  const test = await startTestSandbox();
  const { accessKeyId, secretAccessKey } = test.sandbox.credentials;
  const environment = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    XDG_STATE_HOME: join(folder, 'state'),
  };
  const options = { region: 'us-east-1', endpoint: test.sandbox.endpoint, environment };
  const aws = createAwsAccess(options);
  const clock = hurriedClock();
  const access = createRegistrationAccess(options, clock);
  const account = await aws.findAccount();
  const events: BuildimgEvent[] = [];
  let cleared = 0;
  async function listLeft(): Promise<readonly string[]> {
    const query = { run: '*', names: ['*'], ids: [], instanceIds: [] };
    const found = [...(await aws.resources.findImages(query)), ...(await aws.resources.findSnapshots(query))];
    return found.map(({ id }) => id);
  }

  return {
    ...test,
    folder,
    aws,
    access,
    environment,
    events,
    async register(registration, request = {}, stateFolder = environment.XDG_STATE_HOME) {
      const state = { ...environment, XDG_STATE_HOME: stateFolder };
      const context = { ...createBuildContext(state, (event) => void events.push(event)), clock };
      return await registerDisk(
        {
          registration,
          aws,
          access,
          account,
          endpoint: test.sandbox.endpoint,
          waivers: [],
          tool: { name: 'buildimg', version: '0.0.0' },
          resume: undefined,
          interruption: { signal: noSignal(), killSignal: noSignal() },
          ...request,
        },
        context,
      );
    },
    countCalls: (operation, from = cleared) =>
      test.log.slice(from).filter((line) => new RegExp(`${operation} 20\\d `).test(line)).length,
    async hasContent(snapshotId, content) {
      const disk = await aws.snapshots.openSnapshot(snapshotId, noSignal());
      const bytes = await disk.read(0, Math.ceil(content.length / BLOCK_BYTES) * BLOCK_BYTES);
      await disk.close();
      return (
        bytes.subarray(0, content.length).equals(content) && bytes.subarray(content.length).every((byte) => byte === 0)
      );
    },
    listLeft,
    async clear() {
      test.sandbox.loadFaults({});
      for (const id of await listLeft()) {
        if (id.startsWith('ami-')) await aws.resources.deregisterImage(id);
        else await aws.resources.deleteSnapshot(id);
      }
      events.length = 0;
      cleared = test.log.length;
    },
    async close() {
      access.close();
      aws.close();
      await test.sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The machine's clock, whose waits are short. */
export function hurriedClock() {
  return {
    now: () => systemClock.now(),
    sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(Math.min(ms, 2), signal),
  };
}

/** A disk image whose blocks at the given indexes are full of the given bytes; its end is no whole block. */
export function aDisk(file: string, blocks: Readonly<Record<number, number>>, { blockCount = 80 } = {}): Buffer {
  const content = Buffer.alloc(blockCount * BLOCK_BYTES - 1000);
  for (const [index, byte] of Object.entries(blocks)) {
    content.subarray(Number(index) * BLOCK_BYTES, (Number(index) + 1) * BLOCK_BYTES).fill(byte);
  }
  writeFileSync(file, content);
  return content;
}

/** The same with an MBR and a partition over all of it, which is what the command takes for a disk. */
export function aPartitionedDisk(file: string, blocks: Readonly<Record<number, number>>): Buffer {
  const content = aDisk(file, blocks);
  content.fill(0, 440, 512);
  content.writeUInt8(0x83, 446 + 4);
  content.writeUInt32LE(1, 446 + 8);
  content.writeUInt32LE(Math.floor(content.length / 512) - 1, 446 + 12);
  content.writeUInt16LE(0xaa55, 510);
  writeFileSync(file, content);
  return content;
}

/** What `buildimg register` makes of the fewest options. */
export function aRegistration(disk: string, diskBytes: number, changes: Partial<Registration> = {}): Registration {
  return {
    disk,
    diskBytes,
    name: 'web-1',
    description: 'web',
    architecture: 'x86_64',
    bootMode: 'uefi-preferred',
    hasTpm: false,
    rootDeviceName: '/dev/xvda',
    tags: { team: 'web' },
    ...changes,
  };
}
