// The real packer, killed while it builds over machines that are not there, and what stays: the baseline of bench/kill.mjs.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sandboxEnvironment } from '../../src/sandbox/environment.js';
import type { RunningSandbox } from '../../src/sandbox/sandbox.js';
import type { Fault } from '../../src/sandbox/world/faults.js';
import { startTestSandbox } from './a-sandbox.js';
import { anImage } from './an-image.js';
import { writeGuestlessTemplate } from './packer-without-a-guest.js';
import { planImageIn } from './render-image-in.js';

export interface LeftByPacker {
  readonly instances: number;
  readonly keyPairs: number;
  readonly securityGroups: number;
  /** Those that packer has not told anybody of count: it was killed before it said that it was done. */
  readonly images: number;
  readonly snapshots: number;
}

export interface PackerKills {
  /** Kills packer and all of its plugins when the sandbox has carried out `call`, and before it answers. */
  run(call: string, fault?: Fault): Promise<{ readonly isKilled: boolean; readonly left: LeftByPacker }>;
  close(): Promise<void>;
}

/** With some faults packer retries for a quarter of an hour; it is killed then too. */
const LIMIT_MS = 20_000;

export async function openPackerKills(): Promise<PackerKills> {
  const folder = mkdtempSync(join(tmpdir(), 'packer-kills-'));
  const plan = await planImageIn(
    folder,
    anImage({ ami: { description: 'for the attribute', tags: {}, encrypt: false } }),
  );
  const template = writeGuestlessTemplate(plan, folder);
  let count = 0;
  return {
    async run(call, fault) {
      count += 1;
      const onLine: { current?: (line: string) => void } = {};
      const stateDir = join(folder, `sandbox-${count}`);
      const { sandbox } = await startTestSandbox({ stateDir, log: (line) => onLine.current?.(line) });
      if (fault !== undefined) sandbox.loadFaults({ faults: [fault] });
      const isKilled = await killPacker(call, { folder, template, sandbox, onLine });
      // The call in which it was killed is over, what it set off is not.
      await sleep(100);
      const left = countLeft(sandbox);
      await sandbox.close();
      rmSync(stateDir, { recursive: true });
      return { isKilled, left };
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface PackerScope {
  readonly folder: string;
  readonly template: string;
  readonly sandbox: RunningSandbox;
  readonly onLine: { current?: (line: string) => void };
}

function killPacker(call: string, { folder, template, sandbox, onLine }: PackerScope): Promise<boolean> {
  const variables = ['-var', 'run_id=r-killed', '-var', 'ssh_source_cidr=127.0.0.1/32'];
  const packer = spawn('packer', ['build', '-color=false', ...variables, template], {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin', HOME: folder, AWS_POLL_DELAY_SECONDS: '1', ...sandboxEnvironment(sandbox) },
    detached: true,
    stdio: 'ignore',
  });
  const kill = () => {
    delete onLine.current;
    // A group of its own: its plugins are processes too.
    process.kill(-(packer.pid ?? 0), 'SIGKILL');
  };
  onLine.current = (line) => {
    if (line.includes(` ${call} 200 `)) kill();
  };
  const limit = setTimeout(kill, LIMIT_MS);
  return new Promise((resolve, reject) => {
    packer.once('error', reject);
    packer.once('close', (_, signal) => {
      clearTimeout(limit);
      resolve(signal === 'SIGKILL');
    });
  });
}

type Row = { readonly state?: string; readonly ownerId?: string; readonly name?: string };

function countLeft({ paths, credentials }: RunningSandbox): LeftByPacker {
  const world = JSON.parse(readFileSync(paths.worldFile, 'utf8')) as Readonly<Record<string, readonly Row[]>>;
  const own = (table: string) => (world[table] ?? []).filter(({ ownerId }) => ownerId === credentials.accountId);
  return {
    instances: (world['instances'] ?? []).filter(({ state }) => state !== 'terminated').length,
    keyPairs: (world['keyPairs'] ?? []).length,
    securityGroups: (world['securityGroups'] ?? []).filter(({ name }) => name !== 'default').length,
    images: own('images').length,
    snapshots: own('snapshots').length,
  };
}
