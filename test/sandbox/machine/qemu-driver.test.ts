// The driver over real QEMU processes whose disks are empty: firmware finds nothing to boot and idles. What needs a guest
// is in test/e2e/machine.test.ts.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isSameProcessAlive, readProcessIdentity } from '../../../src/process-identity.js';
import type { InstanceDriver, LaunchRequest, MachineState } from '../../../src/sandbox/machine/instance-driver.js';
import { createQemuDriver } from '../../../src/sandbox/machine/qemu-driver.js';
import { aLaunchRequest } from '../../support/a-launch-request.js';
import { withTemporaryFolder } from '../../support/temporary-folder.js';

const ID = 'i-0123456789abcdef0';

describe('createQemuDriver', () => {
  it('launches, is found again by a later process, stops, starts, captures and leaves nothing after terminate', async () => {
    await withDriver(async ({ driver, folder, stateDir, request, states }) => {
      await driver.launch(request);
      const process = readRecordedProcess(stateDir);
      await driver.detachAll();
      const later = createQemuDriver({ stateDir, chosen: 'tcg', now: () => 0 });
      await later.attachAll();

      expect(later.find(ID)?.state).toBe('starting');
      expect(states).toEqual([]);

      await later.stop(ID, { force: true });
      const captured = join(folder, 'captured.qcow2');
      await later.capture(ID, captured);

      expect(later.find(ID)?.state).toBe('stopped');
      expect(isSameProcessAlive(process)).toBe(false);
      expect(qemuImgInfo(captured)).not.toHaveProperty('backing-filename');

      await later.start(ID);
      const second = readRecordedProcess(stateDir);
      await later.terminate(ID);
      await later.terminate(ID);

      expect(isSameProcessAlive(second)).toBe(false);
      expect(later.find(ID)).toBeUndefined();
      expect(existsSync(join(stateDir, 'instances', ID))).toBe(false);
    });
  });

  it('notices a machine whose process died, also while no server ran', async () => {
    await withDriver(async ({ driver, stateDir, request, states }) => {
      await driver.launch(request);
      const stopped = new Promise<void>((resolve) =>
        driver.onStateChange((_id, state) => state === 'stopped' && resolve()),
      );
      process.kill(readRecordedProcess(stateDir).pid, 'SIGKILL');
      await stopped;
      await driver.start(ID);
      await driver.detachAll();
      process.kill(readRecordedProcess(stateDir).pid, 'SIGKILL');
      const later = createQemuDriver({ stateDir, chosen: 'tcg', now: () => 0 });
      await later.attachAll();

      expect(states).toEqual(['stopped', 'starting']);
      expect(later.find(ID)?.state).toBe('stopped');
      await later.terminate(ID);
    });
  });

  it('refuses what the state of a machine does not allow, and machines that it does not know', async () => {
    await withDriver(async ({ driver, folder, request }) => {
      await driver.launch(request);

      await expect(driver.start(ID)).rejects.toMatchObject({ code: 'SANDBOX_MACHINE_STATE' });
      await expect(driver.capture(ID, join(folder, 'x'))).rejects.toMatchObject({ code: 'SANDBOX_MACHINE_STATE' });
      await expect(driver.reboot('i-00000000000000000')).rejects.toThrow('has no machine i-00000000000000000');
      await driver.terminate('i-00000000000000000');
    });
  });

  it('says what QEMU said and leaves nothing when a machine cannot start', async () => {
    await withDriver(async ({ driver, stateDir, request }) => {
      const failure = driver.launch({ ...request, publicIp: '192.0.2.1' });

      await expect(failure).rejects.toThrow(/did not start: .*hostfwd/);
      expect(existsSync(join(stateDir, 'instances', ID))).toBe(false);
    });
  });

  it('ends a machine that is still being launched', async () => {
    await withDriver(async ({ driver, stateDir, request }) => {
      const launching = driver.launch(request);
      await driver.terminate(ID);
      await launching;

      expect(driver.find(ID)).toBeUndefined();
      expect(existsSync(join(stateDir, 'instances', ID))).toBe(false);
    });
  });

  it('refuses a root volume smaller than its image', async () => {
    await withDriver(async ({ driver, request }) => {
      const failure = driver.launch({ ...request, rootVolumeSizeGib: 1 });

      await expect(failure).rejects.toThrow('root volume of 1 GiB is smaller than its image (2 GiB)');
    });
  });

  it('reports a broken record, removes a folder without one, and takes over the rest', async () => {
    await withDriver(async ({ driver, stateDir, request }) => {
      await driver.launch(request);
      await driver.stop(ID, { force: true });
      await driver.detachAll();
      for (const name of ['i-broken', 'i-empty']) mkdirSync(join(stateDir, 'instances', name));
      writeFileSync(join(stateDir, 'instances', 'i-broken', 'machine.json'), '{"version":1,');
      const problems: unknown[] = [];
      const later = createQemuDriver({
        stateDir,
        chosen: 'tcg',
        now: () => 0,
        onProblem: (error) => problems.push(error),
      });

      await later.attachAll();

      expect(problems).toMatchObject([{ code: 'SANDBOX_MACHINE_RECORD_BROKEN' }]);
      expect(existsSync(join(stateDir, 'instances', 'i-empty'))).toBe(false);
      expect(later.find(ID)?.state).toBe('stopped');
      await later.terminate(ID);
    });
  });

  it('never ends a stranger that has come to live under the recorded process id', async () => {
    await withDriver(async ({ driver, stateDir, request }) => {
      await driver.launch(request);
      await driver.stop(ID, { force: true });
      await driver.detachAll();
      const file = join(stateDir, 'instances', ID, 'machine.json');
      const own = { ...readProcessIdentity(process.pid), startTicks: '1' };
      writeFileSync(
        file,
        JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), state: 'running', process: own }),
      );
      const later = createQemuDriver({ stateDir, chosen: 'tcg', now: () => 0 });
      await later.attachAll();

      const state = later.find(ID)?.state;
      await later.terminate(ID);

      expect(state).toBe('stopped');
    });
  });

  it('gives the last 64 KiB of the console', async () => {
    await withDriver(async ({ driver, stateDir, request }) => {
      await driver.launch(request);
      await driver.stop(ID, { force: true });
      writeFileSync(join(stateDir, 'instances', ID, 'console.log'), `${'a'.repeat(70_000)}end`);

      const text = await driver.readConsole(ID);

      expect(text).toHaveLength(65_536);
      expect(text.subarray(-4).toString()).toBe('aend');
    });
  });
});

interface Bench {
  readonly driver: InstanceDriver;
  readonly folder: string;
  readonly stateDir: string;
  readonly request: LaunchRequest;
  /** Changes of state after the launch. */
  readonly states: readonly MachineState[];
}

async function withDriver(use: (bench: Bench) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    // A state folder far deeper than a unix socket's address may be long, with characters that QEMU's options split at.
    const stateDir = join(folder, 'a,b '.repeat(20), 'c=d'.repeat(20));
    mkdirSync(stateDir, { recursive: true });
    const baseImage = join(folder, 'base.qcow2');
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', baseImage, '2G']);
    const driver = createQemuDriver({ stateDir, chosen: 'tcg', now: () => 0 });
    const states: MachineState[] = [];
    driver.onStateChange((_id, state) => states.push(state));
    const request = aLaunchRequest({ baseImage, sshPort: 20_000 + (process.pid % 20_000) });
    try {
      await use({ driver, folder, stateDir, request, states });
    } finally {
      await driver.terminate(ID);
    }
  });
}

function readRecordedProcess(stateDir: string) {
  return JSON.parse(readFileSync(join(stateDir, 'instances', ID, 'machine.json'), 'utf8')).process;
}

function qemuImgInfo(file: string): object {
  return JSON.parse(execFileSync('qemu-img', ['info', '--output=json', file], { encoding: 'utf8' }));
}
