// What is found out about KVM, with programs in QEMU's place that behave as QEMU does where KVM works, is missing, or is only
// half there. What a real guest shows is in test/e2e/machine.test.ts.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readProcessIdentity } from '../../../src/process-identity.js';
import {
  type AcceleratorOptions,
  findAccelerator,
  readAccelerator,
  rememberAccelerator,
} from '../../../src/sandbox/machine/accelerator.js';
import { type FakeQemu, type FakeQemuScript, LAST_WORDS, writeFakeQemu } from '../../support/fake-qemu.js';
import { withTemporaryFolder } from '../../support/temporary-folder.js';

describe('findAccelerator', () => {
  it('takes KVM where a guest is run with it, and runs that guest once', async () => {
    await withHost({}, async ({ options, qemu }) => {
      const first = await findAccelerator(options);
      const second = await findAccelerator(options);

      expect(first).toEqual({ accelerator: 'kvm', basis: 'probe', why: 'a guest was run with it' });
      expect(second).toEqual(first);
      expect(qemu.readStarts()).toHaveLength(1);
      expect(qemu.readStarts()[0]?.role).toBe('probe');
      expectAllGone(qemu);
    });
  });

  it('emulates where QEMU dies of KVM, and says with which words', async () => {
    await withHost({ probe: 'dies' }, async ({ options, qemu }) => {
      const finding = await findAccelerator(options);

      expect(finding).toMatchObject({ accelerator: 'tcg', basis: 'probe' });
      expect(finding.why).toContain(LAST_WORDS);
      expect(await findAccelerator(options)).toEqual(finding);
      expect(qemu.readStarts()).toHaveLength(1);
    });
  });

  it('emulates where QEMU ends without a word', async () => {
    await withHost({ probe: 'dies-silently' }, async ({ options }) => {
      const finding = await findAccelerator(options);

      expect(finding).toEqual({ accelerator: 'tcg', basis: 'probe', why: 'QEMU ended when it ran a guest with KVM' });
    });
  });

  it('emulates where a guest hangs, and leaves nothing of it', async () => {
    await withHost({ probe: 'hangs' }, async ({ options, qemu, stateDir }) => {
      const finding = await findAccelerator({ ...options, probeLimitMs: 1_000 });

      expect(finding.why).toBe('a guest that was run with KVM showed no sign of life within 1 s');
      expect(finding.accelerator).toBe('tcg');
      expectAllGone(qemu);
      expect(existsSync(join(stateDir, 'accelerator.json'))).toBe(true);
    });
  });

  it('ends the probe when it is interrupted, and keeps no answer', async () => {
    await withHost({ probe: 'hangs' }, async ({ options, qemu, stateDir }) => {
      const stop = new AbortController();
      const finding = findAccelerator({ ...options, signal: stop.signal });
      const refused = expect(finding).rejects.toThrow('enough');
      while (qemu.readStarts().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      stop.abort(new Error('enough'));

      await refused;
      expectAllGone(qemu);
      expect(existsSync(join(stateDir, 'accelerator.json'))).toBe(false);
    });
  });

  it('keeps no answer that no guest has given: without a kernel KVM counts as untried', async () => {
    await withHost({}, async ({ options, stateDir, kernel }) => {
      const without = await findAccelerator({ ...options, findKernel: undefined });
      const later = await findAccelerator({ ...options, findKernel: async () => kernel });

      expect(without).toMatchObject({ accelerator: 'kvm', basis: 'untried' });
      expect(later).toMatchObject({ accelerator: 'kvm', basis: 'probe' });
      expect(existsSync(join(stateDir, 'accelerator.json'))).toBe(true);
    });
  });

  it('sees without a kernel that QEMU dies of KVM', async () => {
    await withHost({ kvm: 'dies' }, async ({ options }) => {
      const finding = await findAccelerator({ ...options, findKernel: undefined, probeLimitMs: 60_000 });

      expect(finding).toMatchObject({ accelerator: 'tcg', basis: 'probe' });
      expect(finding.why).toContain(LAST_WORDS);
    });
  });

  it('asks anew when QEMU or the kernel is another one, or what was kept is not whole', async () => {
    await withHost({ probe: 'dies' }, async ({ options, qemu, kernel, stateDir }) => {
      await findAccelerator(options);
      qemu.become({ version: 'QEMU emulator version 9.2.0' });
      const ofNewQemu = await findAccelerator(options);
      qemu.become({ version: 'QEMU emulator version 9.2.0', probe: 'dies' });
      writeFileSync(kernel, 'another kernel');
      const ofNewKernel = await findAccelerator(options);
      writeFileSync(join(stateDir, 'accelerator.json'), '{"accelerator":"kvm"');
      const ofBrokenFile = await findAccelerator(options);

      expect([ofNewQemu, ofNewKernel, ofBrokenFile].map(({ accelerator }) => accelerator)).toEqual([
        'kvm',
        'tcg',
        'tcg',
      ]);
      expect(qemu.readStarts()).toHaveLength(4);
    });
  });

  it('believes a machine more than its probe', async () => {
    await withHost({}, async ({ options }) => {
      await findAccelerator(options);
      const shown = { accelerator: 'tcg', basis: 'machine', why: 'KVM failed the machine of i-1: it hung' } as const;
      await rememberAccelerator(options, shown);

      expect(await findAccelerator(options)).toEqual(shown);
    });
  });

  it.each([
    ['is not there', 'nothing-here', 'this host has no '],
    ['is something else', '.', 'cannot be opened'],
  ])('emulates without a probe where the device %s, and keeps no answer', async (_case, device, why) => {
    await withHost({}, async ({ options, qemu, stateDir }) => {
      const finding = await findAccelerator({ ...options, device: join(stateDir, device) });

      expect(finding).toMatchObject({ accelerator: 'tcg', basis: 'host' });
      expect(finding.why).toContain(why);
      expect(qemu.readStarts()).toEqual([]);
      // Once the device can be used, it is.
      expect(await findAccelerator(options)).toMatchObject({ accelerator: 'kvm' });
    });
  });

  it('emulates where the user may not open the device, and says who may', async () => {
    await withHost({}, async ({ options, stateDir, device }) => {
      const finding = await withoutRights(() => findAccelerator({ ...options, device }), stateDir);

      expect(finding).toMatchObject({ accelerator: 'tcg', basis: 'host' });
      expect(finding.why).toContain('this user may not open');
      expect(finding.why).toContain('kvm');
    });
  });

  it.each(['kvm', 'tcg'] as const)('does as the user says: %s', async (chosen) => {
    await withHost({ probe: 'dies' }, async ({ options, qemu }) => {
      const finding = await findAccelerator({ ...options, chosen, device: '/nowhere' });

      expect(finding).toEqual({ accelerator: chosen, basis: 'chosen', why: 'BUILDIMG_SANDBOX_ACCELERATOR says so' });
      expect(qemu.readStarts()).toEqual([]);
    });
  });
});

describe('readAccelerator', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['kvm', 'kvm'],
    ['tcg', 'tcg'],
  ])('reads %s as %s', (value, expected) => {
    expect(readAccelerator({ BUILDIMG_SANDBOX_ACCELERATOR: value })).toBe(expected);
  });

  it.each(['KVM', 'hvf', 'yes', ' kvm'])('refuses "%s" and says what can be chosen', (value) => {
    expect(() => readAccelerator({ BUILDIMG_SANDBOX_ACCELERATOR: value })).toThrow(
      `BUILDIMG_SANDBOX_ACCELERATOR is "${value}", which is neither kvm nor tcg`,
    );
  });
});

interface Host {
  readonly options: AcceleratorOptions;
  readonly qemu: FakeQemu;
  readonly stateDir: string;
  readonly kernel: string;
  readonly device: string;
}

async function withHost(script: FakeQemuScript, use: (host: Host) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const stateDir = join(folder, 'state');
    mkdirSync(stateDir);
    const kernel = join(folder, 'vmlinuz');
    writeFileSync(kernel, 'a kernel');
    const device = join(folder, 'kvm');
    writeFileSync(device, '');
    const qemu = writeFakeQemu(join(folder, 'bin'), script);
    const options = { stateDir, device, program: qemu.program, findKernel: async () => kernel };
    await use({ options, qemu, stateDir, kernel, device });
  });
}

function expectAllGone(qemu: FakeQemu): void {
  expect(qemu.readStarts().filter(({ pid }) => readProcessIdentity(pid) !== undefined)).toEqual([]);
}

/** The temporary folder is its owner's alone, so that nobody may look into it. */
async function withoutRights<T>(use: () => Promise<T>, folder: string): Promise<T> {
  if (process.getuid?.() !== 0) {
    chmodSync(join(folder, '..', 'kvm'), 0);
    return await use();
  }
  process.seteuid?.(65_534);
  try {
    return await use();
  } finally {
    process.seteuid?.(0);
  }
}
