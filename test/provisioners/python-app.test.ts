import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MAKE_WHEELS } from '../support/made-packages.js';
import { createMachine, ROOTFS_TIMEOUT_MS, RUN_TIMEOUT_MS, type TestMachine } from './support/rootfs.js';

jest.setTimeout(RUN_TIMEOUT_MS);

const OPTIONS = {
  NAME: 'greeter',
  SOURCE: '/var/lib/wheels/greet-1.0-py3-none-any.whl',
  PACKAGES: 'helper==1.0',
  FIND_LINKS: '/var/lib/wheels',
  USE_INDEX: 'false',
};

describe('python-app', () => {
  let machine: TestMachine;

  beforeAll(async () => {
    await (await createMachine()).remove();
  }, ROOTFS_TIMEOUT_MS);

  beforeEach(async () => {
    machine = await createMachine();
    await machine.run(`mkdir -p /var/lib/wheels && cd /var/lib/wheels && ${MAKE_WHEELS}`);
  });

  afterEach(() => machine.remove());

  it('installs pinned packages and a wheel, links their programs, and changes nothing the second time', async () => {
    const before = await machine.provision('python-app/verify.sh', OPTIONS);
    const first = await machine.provision('python-app/apply.sh', OPTIONS);
    const afterFirst = await machine.fingerprint();
    const second = await machine.provision('python-app/apply.sh', OPTIONS);
    const afterSecond = await machine.fingerprint();
    const { stdout } = await machine.run(
      'greet; helper; readlink /usr/local/bin/greet; apt-mark showmanual python3.11',
    );

    expect(before.stderr).toContain('FAIL  PYA-001  /opt/greeter has no Python that runs');
    expect(first).toMatchObject({ exitCode: 0 });
    expect(second).toMatchObject({ exitCode: 0, stdout: 'python-app: all controls hold' });
    expect(afterSecond).toEqual(afterFirst);
    expect(stdout).toBe('hello, helper 1.0\nhelper\n/opt/greeter/bin/greet\npython3.11');
  });

  it('makes the environment anew for another version, and links only what is asked for', async () => {
    await machine.provision('python-app/apply.sh', { ...OPTIONS, COMMANDS: 'greet' });
    const stale = await machine.provision('python-app/verify.sh', { ...OPTIONS, PACKAGES: 'helper==2.0' });

    await machine.provision('python-app/apply.sh', { ...OPTIONS, PACKAGES: 'helper==2.0', COMMANDS: 'greet' });
    const { stdout } = await machine.run('greet; ls /usr/local/bin');

    expect(stale.stderr).toContain('FAIL  PYA-001  /opt/greeter is not what was asked for');
    expect(stdout).toBe('hello, helper 2.0\ngreet');
  });

  it('goes on when the system moves on to another Python', async () => {
    await machine.provision('python-app/apply.sh', OPTIONS);

    await machine.run(`printf '#!/bin/sh\\necho the next python\\n' >/usr/local/sbin/python3.99; chmod 755 /usr/local/sbin/python3.99
      ln -sf /usr/local/sbin/python3.99 /usr/bin/python3; rm -rf /usr/lib/python3/dist-packages`);
    const { stdout } = await machine.run('python3; greet');
    const verified = await machine.provision('python-app/verify.sh', OPTIONS);

    expect(stdout).toBe('the next python\nhello, helper 1.0');
    expect(verified).toMatchObject({ exitCode: 0 });
  });

  it('names what it cannot do: no source, no version, no program, and what belongs to somebody else', async () => {
    const noSource = await machine.provision('python-app/apply.sh', { ...OPTIONS, SOURCE: '/nowhere/x-1.whl' });
    const noVersion = await machine.provision('python-app/apply.sh', { ...OPTIONS, PACKAGES: 'helper==9.9' });
    const noProgram = await machine.provision('python-app/apply.sh', { ...OPTIONS, COMMANDS: 'wave' });
    await machine.run('echo mine >/usr/local/bin/greet');
    const taken = await machine.provision('python-app/apply.sh', OPTIONS);
    const broken = await machine.run(
      `NAME=x; rm /opt/greeter/bin/python3.11; BUILDIMG_NAME=greeter bash /tmp/buildimg-upload/provisioners/python-app/verify.sh`,
    );

    expect(noSource.stderr).toContain('source: there is no /nowhere/x-1.whl');
    expect(noVersion.stderr).toContain('pip could not install helper==9.9');
    expect(noProgram.stderr).toContain('commands: the environment has no wave');
    expect(taken.stderr).toContain("/usr/local/bin/greet is there already and is not this environment's");
    expect(broken.stderr).toContain('FAIL  PYA-001');
    expect((await machine.run('cat /usr/local/bin/greet')).stdout).toBe('mine');
  });
});
