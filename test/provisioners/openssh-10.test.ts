// On a real Debian testing: `sshd -T` of OpenSSH 10.6 writes its keywords in mixed case, its client is not installed, and
// dropbear waits in the initrd.
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  createMachine,
  ensureTestingRootfs,
  ROOTFS_TIMEOUT_MS,
  RUN_TIMEOUT_MS,
  type TestMachine,
} from './support/rootfs.js';

jest.setTimeout(RUN_TIMEOUT_MS);

const PLANT_ELSEWHERE = `
mkdir -p /opt/keys /srv/keys
ssh-keygen -q -t ed25519 -N '' -f /opt/keys/host1
echo 'ssh-ed25519 AAAA x' >/srv/keys/root
printf 'HostKey /opt/keys/host1\\nAuthorizedKeysFile /srv/keys/%%u\\n' >/etc/ssh/sshd_config.d/10-keys.conf`;

const MAKE_INITRD = `
sed -i 's/^MODULES=.*/MODULES=list/' /etc/initramfs-tools/initramfs.conf
mkdir -p /lib/modules/6.1-test; touch /lib/modules/6.1-test/modules.order /lib/modules/6.1-test/modules.builtin
ssh-keygen -q -t ed25519 -N '' -f /root/owner; cat /root/owner.pub >/etc/dropbear/initramfs/authorized_keys; rm /root/owner*
update-initramfs -c -k 6.1-test 2>&1`;
const LIST_INITRD = `lsinitramfs /boot/initrd.img-6.1-test | grep -E 'host_key|^init$'`;

describe('OpenSSH 10.6', () => {
  let machine: TestMachine;
  let rootfs: string;

  beforeAll(async () => {
    rootfs = await ensureTestingRootfs();
  }, ROOTFS_TIMEOUT_MS);

  beforeEach(async () => {
    machine = await createMachine(rootfs);
  });

  afterEach(() => machine.remove());

  it('is asked by seal for every key, wherever it is configured to be', async () => {
    await machine.run(PLANT_ELSEWHERE);

    const before = await machine.provision('seal/verify.sh');
    const sealed = await machine.provision('seal/apply.sh');
    const left = await machine.run('ls /opt/keys /srv/keys /etc/ssh/ssh_host_* 2>/dev/null; command -v ssh');

    expect(before.stderr).toContain('FAIL  KEY-003  /opt/keys/host1 is a host key');
    expect(before.stderr).toContain('FAIL  KEY-003  /etc/ssh/ssh_host_mldsa44_ed25519_key is a host key');
    expect(before.stderr).toContain('FAIL  KEY-001  /srv/keys/root lets somebody in');
    expect(left.stdout).toBe('/opt/keys:\n\n/srv/keys:');
    // Nothing makes this key again, which is for the owner to mend.
    expect(sealed.stderr.split('\n').filter((line) => line.startsWith('FAIL'))).toEqual([
      'FAIL  SSH-010  /opt/keys/host1 is configured as a host key, but nothing makes it on first boot',
    ]);
  });

  it('is hardened without its client, and the check turns red again', async () => {
    const hardened = await machine.provision('harden/apply.sh');
    await machine.run(
      `sed -i 's/^MaxAuthTries.*/MaxAuthTries 9/; s/^Ciphers.*/Ciphers aes128-cbc/' /etc/ssh/sshd_config.d/00-buildimg.conf`,
    );
    const undone = await machine.provision('harden/verify.sh');

    expect(hardened).toMatchObject({ exitCode: 0 });
    expect(undone.stderr).toContain('FAIL  SSH-013  maxauthtries is "9" for root, not "4"');
    expect(undone.stderr).toContain('FAIL  SSH-014  ciphers has aes128-cbc');
  });

  it('leaves no key of the server in the initrd, neither in /etc nor in the copies that lie in /boot', async () => {
    await machine.run(MAKE_INITRD);

    const before = await machine.provision('seal/verify.sh');
    const sealed = await machine.provision('seal/apply.sh');
    const left = await machine.run(`${LIST_INITRD}; ls /etc/dropbear/initramfs`);

    expect(before.stderr).toMatch(/KEY-003 {2}\/etc\/dropbear\/initramfs\/dropbear_rsa_host_key is a host key/);
    expect(before.stderr).toMatch(
      /KEY-003 {2}\/boot\/initrd.img-6.1-test: etc\/dropbear\/dropbear_rsa_host_key is a key/,
    );
    expect(before.stderr).toMatch(/KEY-003 {2}\/boot\/initrd.img-6.1-test: root-\w+\/.ssh\/authorized_keys is a key/);
    expect(sealed).toMatchObject({ exitCode: 0 });
    expect(left.stdout).toBe('init\ndropbear.conf');
  });

  it.each([
    ['is no initrd', 'echo junk >/boot/initrd.img-6.1-test', '/boot/initrd.img-6.1-test'],
    ['has no tool to read it by', 'rm /usr/bin/lsinitramfs', 'neither lsinitramfs nor lsinitrd is installed'],
  ])('fails seal where what lies in /boot %s', async (_what, damage, reason) => {
    await machine.run(`echo x >/boot/initrd.img-6.1-test; ${damage}`);

    const result = await machine.provision('seal/apply.sh');

    expect(result.exitCode).toBe(1);
    expect(result.stdout).not.toContain('all controls hold');
    expect(result.stderr).toContain(reason);
  });
});
