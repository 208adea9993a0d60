import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createMachine, ROOTFS_TIMEOUT_MS, RUN_TIMEOUT_MS, type TestMachine } from './support/rootfs.js';

jest.setTimeout(RUN_TIMEOUT_MS);

let machine: TestMachine;

beforeAll(async () => {
  await (await createMachine()).remove();
}, ROOTFS_TIMEOUT_MS);

beforeEach(async () => {
  machine = await createMachine();
});

afterEach(() => machine.remove());

describe('users', () => {
  it('makes accounts for services and for people, without passwords, and changes nothing the second time', async () => {
    const service = { CREATE: 'shop\nqueue', GROUPS: 'shared\nadm' };
    const person = { CREATE: 'olga', SYSTEM: 'false', SUDO: 'all' };

    const before = await machine.provision('users/verify.sh', service);
    const first = [
      await machine.provision('users/apply.sh', service),
      await machine.provision('users/apply.sh', person),
    ];
    const afterFirst = await machine.fingerprint();
    await machine.provision('users/apply.sh', service);
    const second = await machine.provision('users/apply.sh', person);
    const afterSecond = await machine.fingerprint();
    const { stdout } = await machine.run(`grep -E '^(shop|olga):' /etc/passwd | cut -d: -f1,6,7; id -nG shop
      grep -E '^(shop|olga):' /etc/shadow | cut -d: -f2; sudo -l -U olga | tail -1; stat -c %U /home/olga`);

    expect(before.stderr).toContain('FAIL  USR-001  there is no shop');
    expect(first).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
    expect(second).toMatchObject({ exitCode: 0, stdout: 'users: all controls hold' });
    expect(afterSecond).toEqual(afterFirst);
    expect(stdout.split('\n').map((line) => line.trim())).toEqual([
      'shop:/nonexistent:/usr/sbin/nologin',
      'olga:/home/olga:/bin/bash',
      'shop adm shared',
      '!',
      '!',
      '(ALL) NOPASSWD: ALL',
      'olga',
    ]);
  });

  it('brings an account that exists to the same state, and takes its password and sudo away', async () => {
    await machine.run(
      `useradd -m -s /bin/sh -p '$6$salt$hash' app; echo 'app ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/50-buildimg-app`,
    );

    const before = await machine.provision('users/verify.sh', { CREATE: 'app', HOME: '/srv/app' });
    const result = await machine.provision('users/apply.sh', { CREATE: 'app', HOME: '/srv/app' });
    const { stdout } = await machine.run(
      `grep ^app: /etc/passwd | cut -d: -f6,7; grep ^app: /etc/shadow | cut -d: -f2; stat -c '%a %U' /srv/app; ls /etc/sudoers.d`,
    );

    expect(before.stderr).toContain('FAIL  ACC-002  app has a password');
    expect(result).toMatchObject({ exitCode: 0 });
    expect(stdout).toBe('/srv/app:/usr/sbin/nologin\n*\n750 app\nREADME');
  });

  it('removes accounts with what was theirs, but never root', async () => {
    await machine.run('useradd -m pi; echo x >/home/pi/file');

    const before = await machine.provision('users/verify.sh', { REMOVE: 'pi' });
    const removed = await machine.provision('users/apply.sh', { REMOVE: 'pi\nnobody-here' });
    const root = await machine.provision('users/apply.sh', { REMOVE: 'root' });
    const { stdout } = await machine.run('grep -c ^pi: /etc/passwd; ls /home');

    expect(before.stderr).toContain('FAIL  USR-002  pi is still there');
    expect(removed).toMatchObject({ exitCode: 0 });
    expect(root.stderr).toContain('remove: root is root');
    expect(stdout).toBe('0');
  });
});

describe('time-sync', () => {
  it('puts the server of AWS first, keeps the others unless told, and changes nothing the second time', async () => {
    const before = await machine.provision('time-sync/verify.sh');
    const first = await machine.provision('time-sync/apply.sh');
    const kept = await machine.run('head -2 /etc/chrony/chrony.conf; grep -c ^pool /etc/chrony/chrony.conf');
    const afterFirst = await machine.fingerprint();
    await machine.provision('time-sync/apply.sh');
    const afterSecond = await machine.fingerprint();
    const alone = await machine.provision('time-sync/apply.sh', { KEEP_OTHER_SOURCES: 'false' });
    const { stdout } = await machine.run(
      `grep -E '^(server|pool)' /etc/chrony/chrony.conf; chronyd -p -f /etc/chrony/chrony.conf >/dev/null && echo accepted`,
    );

    const line = 'server 169.254.169.123 prefer iburst minpoll 4 maxpoll 4';
    expect(before.stderr).toContain('FAIL  NET-003  /etc/chrony/chrony.conf does not ask 169.254.169.123');
    expect(first).toMatchObject({ exitCode: 0 });
    expect(kept.stdout).toBe(`# Written by buildimg: the server of AWS comes first.\n${line}\n1`);
    expect(afterSecond).toEqual(afterFirst);
    expect(alone).toMatchObject({ exitCode: 0 });
    expect(stdout).toBe(`${line}\naccepted`);
  });
});
