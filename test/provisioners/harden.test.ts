import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createMachine, ROOTFS_TIMEOUT_MS, RUN_TIMEOUT_MS, type TestMachine } from './support/rootfs.js';

jest.setTimeout(RUN_TIMEOUT_MS);

const SSHD_QUERY =
  "mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N '' -f /run/key; sshd -T -h /run/key -C user=alice,host=h,addr=203.0.113.9";

describe('harden', () => {
  let machine: TestMachine;

  beforeAll(async () => {
    await (await createMachine()).remove();
  }, ROOTFS_TIMEOUT_MS);

  beforeEach(async () => {
    machine = await createMachine();
    await machine.run('true');
  });

  afterEach(() => machine.remove());

  it('turns a stock Debian from red to green, and changes nothing the second time', async () => {
    const before = await machine.provision('harden/verify.sh');
    const first = await machine.provision('harden/apply.sh');
    const afterFirst = await machine.fingerprint();
    const second = await machine.provision('harden/apply.sh');
    const afterSecond = await machine.fingerprint();
    const after = await machine.provision('harden/verify.sh');

    expect(before.exitCode).toBe(1);
    for (const control of ['SSH-001', 'SSH-002', 'SSH-007', 'SSH-012', 'SSH-013', 'KRN-001']) {
      expect(before.stderr).toContain(`FAIL  ${control}`);
    }
    expect(first).toMatchObject({ exitCode: 0 });
    expect(second).toMatchObject({ exitCode: 0, stdout: 'harden: all controls hold' });
    expect(afterSecond).toEqual(afterFirst);
    expect(after).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('decides over what cloud-init and the main file say, with crypto that has no SHA-1 and no NIST curve', async () => {
    await machine.run(`echo 'PasswordAuthentication yes' >/etc/ssh/sshd_config.d/50-cloud-init.conf
      printf 'PermitRootLogin yes\\nUseDNS yes\\n' >>/etc/ssh/sshd_config`);

    await machine.provision('harden/apply.sh', { ALLOW_TCP_FORWARDING: 'false' });
    const { stdout } = await machine.run(SSHD_QUERY);

    const settings = stdout.split('\n');
    expect(settings).toEqual(
      expect.arrayContaining([
        'passwordauthentication no',
        'permitrootlogin no',
        'kbdinteractiveauthentication no',
        'permitemptypasswords no',
        'usedns no',
        'maxauthtries 4',
        'logingracetime 60',
        'x11forwarding no',
        'allowtcpforwarding no',
      ]),
    );
    const crypto = settings.filter((line) => /^(kexalgorithms|ciphers|macs|hostkeyalgorithms) /.test(line));
    expect(crypto).toHaveLength(4);
    expect(crypto.join('\n')).not.toMatch(/nistp|sha1|cbc|umac-64|group14|ssh-rsa\b/);
    expect(settings.find((line) => line.startsWith('pubkeyacceptedalgorithms'))).toContain('rsa-sha2-512');
  });

  it('puts its settings in front of the main file where drop-ins are not read first', async () => {
    await machine.run(`sed -i '/^Include/d' /etc/ssh/sshd_config; echo 'PermitRootLogin yes' >>/etc/ssh/sshd_config`);

    const first = await machine.provision('harden/apply.sh');
    const afterFirst = await machine.fingerprint();
    await machine.provision('harden/apply.sh');
    const afterSecond = await machine.fingerprint();
    const { stdout } = await machine.run(
      'head -1 /etc/ssh/sshd_config; ls /etc/ssh/sshd_config.d; stat -c %a /etc/ssh/sshd_config',
    );

    expect(first).toMatchObject({ exitCode: 0 });
    expect(afterSecond).toEqual(afterFirst);
    expect(stdout).toBe('# BEGIN buildimg\n644');
  });

  it('names the line of a Match block that opens the door again, also in an included file', async () => {
    await machine.run(`mkdir -p /etc/ssh/more
      printf 'X11Forwarding no\\nMatch Address 10.0.0.0/8\\n  PasswordAuthentication=yes # for the office\\n' >/etc/ssh/more/a.conf
      printf 'Match User bob\\n PermitRootLogin "no"\\nMatch All\\nInclude more/*.conf\\n' >>/etc/ssh/sshd_config`);

    const result = await machine.provision('harden/apply.sh');

    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(
      'FAIL  SSH-005  /etc/ssh/more/a.conf:3 opens again for a Match block: PasswordAuthentication yes',
    );
    expect(result.stderr).toContain('harden: 1 controls do not hold');
  });

  it('sees a drop-in that is read before its own, and cloud-init or sysctl files that are read after', async () => {
    await machine.provision('harden/apply.sh');
    await machine.run(`echo 'MaxAuthTries 9' >/etc/ssh/sshd_config.d/00-aaa.conf
      echo 'ssh_pwauth: true' >/etc/cloud/cloud.cfg.d/99-z.cfg
      echo 'kernel.kptr_restrict=0' >/etc/sysctl.d/99-z.conf`);

    const result = await machine.provision('harden/verify.sh');

    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('FAIL  SSH-013  maxauthtries is "9" for root, not "4"');
    expect(result.stderr).toContain('FAIL  SSH-007  cloud-init\'s ssh_pwauth is "true"');
    expect(result.stderr).toContain('FAIL  KRN-001  kernel.kptr_restrict will be "0" after a boot, not "2"');
  });

  it('leaves the crypto of the RHEL family to its system-wide policy', async () => {
    await machine.run(`printf 'ID="rhel"\\nID_LIKE="fedora"\\nVERSION_ID="9.4"\\n' >/etc/os-release`);

    const result = await machine.provision('harden/apply.sh');
    const { stdout } = await machine.run('cat /etc/ssh/sshd_config.d/00-buildimg.conf');

    expect(result).toMatchObject({ exitCode: 0 });
    expect(stdout).toContain('PermitRootLogin no');
    expect(stdout).not.toMatch(/KexAlgorithms|Ciphers|MACs/);
  });

  it('uses the old name of the keyboard-interactive setting before OpenSSH 8.7', async () => {
    await machine.run(`printf '#!/bin/sh\\ncase $1 in -V) echo "OpenSSH_8.0p1, OpenSSL 1.1.1" >&2;; *) exec /usr/bin/ssh "$@";; esac\\n' \\
      >/usr/local/sbin/ssh; chmod 755 /usr/local/sbin/ssh`);

    const result = await machine.provision('harden/apply.sh');
    const { stdout } = await machine.run('cat /etc/ssh/sshd_config.d/00-buildimg.conf');

    expect(result).toMatchObject({ exitCode: 0 });
    expect(stdout).toContain('KbdInteractiveAuthentication no\nChallengeResponseAuthentication no\n');
  });

  it('locks a root that has a password, without leaving its hash', async () => {
    await machine.run(`usermod -p '$6$salt$abc' root`);

    await machine.provision('harden/apply.sh');
    const { stdout } = await machine.run('grep ^root: /etc/shadow | cut -d: -f2');

    expect(stdout).toBe('!*');
  });

  it('works on an image without sshd and refuses an option that it does not know', async () => {
    await machine.run('rm /etc/ssh/sshd_config');

    const withoutSshd = await machine.provision('harden/apply.sh');
    const unknown = await machine.provision('harden/apply.sh', { PROFILE: '$(touch /oops)' });
    const { stdout } = await machine.run('ls /');

    expect(withoutSshd).toMatchObject({ exitCode: 0 });
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toContain('is not one of: baseline');
    expect(stdout).not.toContain('oops');
  });
});
