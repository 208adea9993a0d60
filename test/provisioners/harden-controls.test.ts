// Every control of harden by mutation: what it has changed is undone, and exactly its own check must turn red; applying
// it again must turn it green.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MUTATION_OPTIONS, MUTATIONS, type Mutation, PREPARE, SSHD, SYSCTL } from './support/harden-mutations.js';
import { createMachine, ROOTFS_TIMEOUT_MS, RUN_TIMEOUT_MS, type TestMachine } from './support/rootfs.js';

jest.setTimeout(RUN_TIMEOUT_MS);

const HARDEN = join(dirname(fileURLToPath(import.meta.url)), '../../provisioners/harden');
// One line a control: what turned red, and whether applying helps.
function renderMutation({ id, profile, plant, undo }: Mutation): string {
  return `
(${plant}) >/dev/null 2>&1
red=$(BUILDIMG_PROFILE=${profile} bash $P/verify.sh 2>&1 >/dev/null | sed -n 's/^FAIL  \\([^ ]*\\) .*/\\1/p' | sort -u | tr '\\n' ' ')
${
  undo === undefined
    ? `BUILDIMG_PROFILE=${profile} bash $P/apply.sh >/tmp/log 2>&1 && after=green || after="red: $(cat /tmp/log)"`
    : `(${undo}) >/dev/null 2>&1; BUILDIMG_PROFILE=${profile} bash $P/verify.sh >/tmp/log 2>&1 && after=green || after="red: $(cat /tmp/log)"`
}
echo "${id}: $red-> $after"`;
}

describe('controls of harden', () => {
  let machine: TestMachine;

  beforeAll(async () => {
    await (await createMachine()).remove();
  }, ROOTFS_TIMEOUT_MS);

  beforeEach(async () => {
    machine = await createMachine();
  });

  afterEach(() => machine.remove());

  it('each have a mutation below, a page entry, and functions that exist', () => {
    const rows = readFileSync(join(HARDEN, 'controls.txt'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split('|'));
    const page = readFileSync(join(HARDEN, 'README.md'), 'utf8');

    expect(rows.map(([id]) => id)).toEqual(expect.arrayContaining(MUTATIONS.map(({ id }) => id)));
    expect(MUTATIONS.map(({ id }) => id)).toEqual(rows.map(([id]) => id));
    for (const row of rows) {
      expect(row).toHaveLength(8);
      expect(row[1]).toMatch(/^(critical|high|medium|low|info)$/);
      expect(row[2]).toMatch(/^B?S?M?C?$/);
      expect(page).toContain(row[0]);
    }
  });

  it.each(['baseline', 'shared', 'marketplace', 'cis-l1'])(
    'turns a stock Debian green by profile %s, and changes nothing the second time',
    async (profile) => {
      await machine.run(PREPARE);

      const before = await machine.provision('harden/verify.sh', { PROFILE: profile });
      const first = await machine.provision('harden/apply.sh', { PROFILE: profile });
      const afterFirst = await machine.fingerprint();
      const second = await machine.provision('harden/apply.sh', { PROFILE: profile });
      const afterSecond = await machine.fingerprint();

      expect(before.exitCode).toBe(1);
      expect(first).toMatchObject({ exitCode: 0, stderr: '' });
      expect(second).toMatchObject({ exitCode: 0 });
      expect(second.stdout).toContain('harden: all controls hold');
      expect(afterSecond).toEqual(afterFirst);
    },
  );

  it(
    'each turn exactly their own check red when undone, and green when applied again',
    async () => {
      const options = Object.entries(MUTATION_OPTIONS).map(([name, value]) => `BUILDIMG_${name}=${value}`);

      const result = await machine.run(`${PREPARE}
      export P=/tmp/buildimg-upload/provisioners/harden ${options.join(' ')}
      bash $P/apply.sh || exit
      ${MUTATIONS.map(renderMutation).join('\n')}`);

      const lines = result.stdout.split('\n').filter((line) => line.includes(' -> '));
      expect(lines).toEqual(MUTATIONS.map(({ id }) => `${id}: ${id} -> green`));
    },
    ROOTFS_TIMEOUT_MS,
  );

  it.each(['marketplace', 'cis-l1'] as const)(
    'all hold by profile %s when skipped, with their reasons shown',
    async (profile) => {
      const skip = MUTATIONS.map(({ id }) => `${id}=ours = ${id}`).join('\n');
      await machine.run(`${PREPARE}; ${MUTATIONS.map(({ plant }) => `(${plant}) >/dev/null 2>&1`).join('\n')}`);

      const without = await machine.provision('harden/verify.sh', { PROFILE: profile });
      const skipped = await machine.provision('harden/verify.sh', { PROFILE: profile, SKIP: skip });

      expect(without.exitCode).toBe(1);
      expect(skipped).toMatchObject({ exitCode: 0, stderr: '' });
      expect(skipped.stdout).toMatch(/skipped SSH-005 \(.*\): ours = SSH-005/);
      expect(skipped.stdout.split('\n').filter((line) => line.includes('skipped ')).length).toBeGreaterThan(20);
    },
  );

  it('refuses to skip what does not exist, or without a reason', async () => {
    const unknown = await machine.provision('harden/apply.sh', { SKIP: 'SSH-999=because' });
    const silent = await machine.provision('harden/apply.sh', { SKIP: 'SSH-001=' });

    expect(unknown).toMatchObject({ exitCode: 1, stderr: 'buildimg: skip: there is no control SSH-999' });
    expect(silent).toMatchObject({ exitCode: 1, stderr: 'buildimg: skip: SSH-001 has no reason' });
  });

  it('leaves out of its files what is skipped, and what the owner wants otherwise', async () => {
    await machine.provision('harden/apply.sh', {
      SKIP: `SSH-012=the product shows windows\nKRN-002=a debugger needs it`,
      SYSCTL: 'kernel.yama.ptrace_scope=0\nvm.swappiness=10',
    });
    const { stdout } = await machine.run(`cat ${SSHD} ${SYSCTL}`);

    expect(stdout).not.toMatch(/X11Forwarding|suid_dumpable|ptrace_scope = 1/);
    expect(stdout).toContain('kernel.yama.ptrace_scope = 0\nvm.swappiness = 10');
  });

  it('does not touch what breaks EC2, by any profile', async () => {
    await machine.run(PREPARE);
    await machine.provision('harden/apply.sh', { PROFILE: 'cis-l1' });

    const { stdout } = await machine.run(
      `cat ${SYSCTL} /etc/modprobe.d/60-* ${SSHD}; ls /etc/systemd/system/local-fs.target.wants; grep -c . /etc/fstab`,
    );

    expect(stdout).not.toMatch(
      /vfat|squashfs|ip_forward|accept_ra\b|sysrq|AllowUsers|MaxAuthTries 2|tmp\.mount|AuthorizedKeysCommand/,
    );
  });
});
