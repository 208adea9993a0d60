// Machines whose probe promised more than KVM keeps, with a program in QEMU's place that fails as QEMU does on such hosts.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { readProcessIdentity } from '../../../src/process-identity.js';
import type { AcceleratorOptions } from '../../../src/sandbox/machine/accelerator.js';
import type { InstanceDriver } from '../../../src/sandbox/machine/instance-driver.js';
import { createQemuDriver } from '../../../src/sandbox/machine/qemu-driver.js';
import { aLaunchRequest } from '../../support/a-launch-request.js';
import { type FakeQemu, type FakeQemuScript, LAST_WORDS, writeFakeQemu } from '../../support/fake-qemu.js';
import { withTemporaryFolder } from '../../support/temporary-folder.js';

const [FIRST, SECOND] = ['i-0aaaaaaaaaaaaaaa1', 'i-0bbbbbbbbbbbbbbb2'];

describe('a machine under KVM', () => {
  it('stays there when its guest comes to life', async () => {
    await withMachines({}, async (host) => {
      await host.launchUntilRunning(FIRST);

      expect(host.roles()).toEqual(['probe', 'kvm']);
      expect(host.notices).toEqual([]);
      expect(host.readAnswer()).toMatchObject({ accelerator: 'kvm', basis: 'probe' });
    });
  });

  it.each([
    ['dies before it can be talked to', 'dies', LAST_WORDS],
    ['dies later', 'dies-later', LAST_WORDS],
    ['hangs', 'hangs', 'the guest showed no sign of life within 2 s'],
    ['is halted by an internal error of KVM', 'halts', 'KVM could not go on with the guest (internal error)'],
  ] as const)('that %s is started again without, says so, and spares the next one', async (_case, kvm, why) => {
    await withMachines({ kvm }, async (host) => {
      await host.launchUntilRunning(FIRST);
      await host.waitForAnswer('tcg');
      await host.launchUntilRunning(SECOND);

      expect(host.roles()).toEqual(['probe', 'kvm', 'tcg', 'tcg']);
      expect(host.notices).toHaveLength(1);
      expect(host.notices[0]).toContain(`${FIRST}: started again without KVM, which takes longer: `);
      expect(host.notices[0]).toContain(why);
      expect(host.readAnswer()).toMatchObject({ accelerator: 'tcg', basis: 'machine' });
      expect(host.readAnswer().why).toContain(why);
      expect(host.listLiving('kvm')).toEqual([]);
    });
  });

  it('that shows what the probe could not, for want of a kernel, is believed', async () => {
    await withMachines(
      {},
      async (host) => {
        await host.launchUntilRunning(FIRST);
        await host.waitForAnswer('kvm');

        expect(host.readAnswer()).toMatchObject({ accelerator: 'kvm', basis: 'machine' });
      },
      { findKernel: undefined, probeLimitMs: 500 },
    );
  });

  it('that comes to life nowhere teaches nothing', async () => {
    await withMachines({ kvm: 'dies-later', tcg: 'dies-later' }, async (host) => {
      const stopped = host.untilState(FIRST, 'stopped');
      await host.launch(FIRST);
      await stopped;

      expect(host.driver.find(FIRST)?.endReason).toContain(LAST_WORDS);
      expect(host.roles()).toEqual(['probe', 'kvm', 'tcg']);
      expect(host.readAnswer()).toMatchObject({ accelerator: 'kvm', basis: 'probe' });
    });
  });

  it('that starts nowhere fails with the words of the last try, and nothing is left of it', async () => {
    await withMachines({ kvm: 'dies', tcg: 'dies' }, async (host) => {
      await expect(host.launch(FIRST)).rejects.toThrow(`did not start: ${LAST_WORDS}`);

      expect(host.driver.find(FIRST)).toBeUndefined();
      expect(host.readAnswer()).toMatchObject({ accelerator: 'kvm' });
    });
  });

  it('is not started again where the user has decided for KVM', async () => {
    await withMachines(
      { kvm: 'dies' },
      async (host) => {
        await expect(host.launch(FIRST)).rejects.toThrow(`did not start: ${LAST_WORDS}`);

        expect(host.roles()).toEqual(['kvm']);
        expect(host.notices).toEqual([]);
      },
      { chosen: 'kvm' },
    );
  });

  it('whose guest powers itself off is off', async () => {
    await withMachines({ kvm: 'powers-off' }, async (host) => {
      const stopped = host.untilState(FIRST, 'stopped');
      await host.launch(FIRST);
      await stopped;

      expect(host.roles()).toEqual(['probe', 'kvm']);
      expect(host.driver.find(FIRST)?.endReason).toBeUndefined();
    });
  });

  it('that somebody kills is started again, and KVM that has worked is not blamed', async () => {
    await withMachines({ kvm: 'dies-silently' }, async (host) => {
      await host.launchUntilRunning(FIRST);
      host.qemu.become({});
      await host.launchUntilRunning(SECOND);

      expect(host.roles()).toEqual(['probe', 'kvm', 'tcg', 'kvm']);
    });
  });

  it('is judged by a later server, too', async () => {
    await withMachines({ kvm: 'hangs' }, async (host) => {
      await host.launch(FIRST);
      await host.driver.detachAll();
      const later = host.openDriver();
      const running = host.untilState(FIRST, 'running', later);
      await later.attachAll();
      await running;
      await later.terminate(FIRST);

      expect(host.roles()).toEqual(['probe', 'kvm', 'tcg']);
      expect(host.listLiving('kvm')).toEqual([]);
    });
  });

  it('that hangs can be terminated at once', async () => {
    await withMachines({ kvm: 'hangs' }, async (host) => {
      await host.launch(FIRST);
      await host.driver.terminate(FIRST);

      expect(host.roles()).toEqual(['probe', 'kvm']);
      expect(host.listLiving('kvm')).toEqual([]);
    });
  });

  it('that dies after its guest was alive is off, with QEMU’s last words', async () => {
    await withMachines({}, async (host) => {
      await host.launchUntilRunning(FIRST);
      const stopped = host.untilState(FIRST, 'stopped');
      writeFileSync(join(host.stateDir, 'instances', FIRST, 'qemu.log'), 'qemu: warning: one\nqemu: out of memory\n');
      for (const { pid } of host.qemu.readStarts().slice(-1)) process.kill(pid, 'SIGKILL');
      await stopped;

      expect(host.driver.find(FIRST)?.endReason).toBe('qemu: out of memory');
      expect(host.roles()).toEqual(['probe', 'kvm']);
    });
  });
});

interface Host {
  readonly driver: InstanceDriver;
  readonly qemu: FakeQemu;
  readonly stateDir: string;
  readonly notices: readonly string[];
  openDriver(): InstanceDriver;
  launch(instanceId: string): Promise<void>;
  launchUntilRunning(instanceId: string): Promise<void>;
  untilState(instanceId: string, state: string, driver?: InstanceDriver): Promise<void>;
  roles(): readonly string[];
  listLiving(role: string): readonly number[];
  readAnswer(): { readonly accelerator?: string; readonly basis?: string; readonly why?: string };
  waitForAnswer(accelerator: string): Promise<void>;
}

async function withMachines(
  script: FakeQemuScript,
  use: (host: Host) => Promise<void>,
  options: Partial<AcceleratorOptions> = {},
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const host = openHost(folder, script, options);
    try {
      await use(host);
    } finally {
      for (const id of [FIRST, SECOND]) await host.driver.terminate(id);
    }
  });
}

function openHost(folder: string, script: FakeQemuScript, options: Partial<AcceleratorOptions>): Host {
  const stateDir = join(folder, 'state');
  mkdirSync(stateDir);
  const [kernel, device, baseImage] = ['vmlinuz', 'kvm', 'base.qcow2'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(kernel, 'a kernel');
  writeFileSync(device, '');
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', baseImage, '1G']);
  const qemu = writeFakeQemu(join(folder, 'bin'), script);
  const notices: string[] = [];
  const bootLimits = { lifeMs: 2_000, silenceMs: 30_000, bannerMs: 60_000 };
  const openDriver = () => {
    const common = { stateDir, device, program: qemu.program, findKernel: async () => kernel };
    const opened = createQemuDriver({ ...common, now: () => 0, bootLimits, ...options });
    opened.onNotice((id, text) => notices.push(`${id}: ${text}`));
    return opened;
  };
  const driver = openDriver();
  const untilState: Host['untilState'] = (instanceId, state, of = driver) =>
    new Promise((resolve) => of.onStateChange((id, reached) => id === instanceId && reached === state && resolve()));
  const launch: Host['launch'] = async (instanceId) => {
    const sshPort = 20_000 + (process.pid % 20_000);
    await driver.launch(aLaunchRequest({ instanceId, baseImage, sshPort, publicIp: ADDRESSES[instanceId] ?? '' }));
  };
  const readAnswer: Host['readAnswer'] = () => JSON.parse(readFileSync(join(stateDir, 'accelerator.json'), 'utf8'));
  return {
    driver,
    qemu,
    stateDir,
    notices,
    openDriver,
    launch,
    untilState,
    readAnswer,
    async launchUntilRunning(instanceId) {
      const running = untilState(instanceId, 'running');
      await launch(instanceId);
      await running;
    },
    roles: () => qemu.readStarts().map(({ role }) => role),
    listLiving: (wanted) => {
      const pids = qemu.readStarts().flatMap(({ role, pid }) => (role === wanted ? [pid] : []));
      return pids.filter((pid) => readProcessIdentity(pid) !== undefined);
    },
    async waitForAnswer(accelerator) {
      while (accelerator !== findAnswer(stateDir)) await sleep(50);
    },
  };
}

const ADDRESSES: Readonly<Record<string, string>> = { [FIRST]: '127.199.0.7', [SECOND]: '127.199.0.8' };

/** It is written as soon as a guest has given it. */
function findAnswer(stateDir: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(stateDir, 'accelerator.json'), 'utf8')).accelerator;
  } catch {
    return undefined;
  }
}
