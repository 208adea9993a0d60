// The bundles as a build runs them: uploaded into a folder that is closed to everybody else, as root.
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createMachine, ROOTFS_TIMEOUT_MS, RUN_TIMEOUT_MS, type TestMachine } from './support/rootfs.js';

jest.setTimeout(RUN_TIMEOUT_MS);

const UPLOAD = '/tmp/buildimg-upload';

let machine: TestMachine;

beforeAll(async () => {
  await (await createMachine()).remove();
}, ROOTFS_TIMEOUT_MS);

beforeEach(async () => {
  machine = await createMachine();
});

afterEach(() => machine.remove());

describe('a bundle', () => {
  it('does what its folder does, and nothing more when it runs again', async () => {
    const options = { CREATE: 'shop' };

    const folder = await machine.provision('users/apply.sh', options);
    const byFolder = await machine.fingerprint();
    const bundle = [await machine.provision('users.sh', options), await machine.provision('users.sh', options)];
    const byBundle = await machine.fingerprint();

    expect(folder).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('users: all controls hold') });
    expect(bundle).toMatchObject([
      { exitCode: 0, stdout: 'users: all controls hold' },
      { exitCode: 0, stdout: 'users: all controls hold' },
    ]);
    expect(byBundle).toEqual(byFolder);
  });

  it('of harden applies its profile with controls that are files of their own', async () => {
    const result = await machine.provision('harden.sh', { PROFILE: 'marketplace' });

    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('harden: all controls hold') });
  });

  it('of seal removes everything that it came from, itself and what others unpacked', async () => {
    const others = await machine.provision('users.sh', { CREATE: 'shop' });

    const sealed = await machine.run(
      `cd ${UPLOAD} && rm -rf provisioners/*/ && bash provisioners/users.sh >/dev/null && bash provisioners/seal.sh &&
       ls -A /tmp && ls /run/buildimg-seal`,
    );

    expect(others.exitCode).toBe(0);
    expect(sealed).toMatchObject({ exitCode: 0 });
    expect(sealed.stdout.split('\n').slice(-4)).toEqual(['buildimg: sealed', 'cloud-scripts', 'lib', 'seal']);
  });
});

describe('the bundle of file', () => {
  it('puts a file and the contents of a folder where they belong, whatever the umask is', async () => {
    const { stdout } = await machine.run(`umask 077; mkdir -p ${UPLOAD}/files/01-rootfs/etc/app.d /srv
      cd ${UPLOAD}; echo one >'files/01-rootfs/etc/app.d/a b'; echo two >files/02-run; chmod 0700 files/02-run
      chmod 0711 /srv
      BUILDIMG_SOURCE=${UPLOAD}/files/01-rootfs BUILDIMG_DESTINATION=/srv BUILDIMG_OWNER=root:adm \
        bash provisioners/file.sh
      BUILDIMG_SOURCE=${UPLOAD}/files/02-run BUILDIMG_DESTINATION=/opt/new/run BUILDIMG_OWNER=root:root \
        bash provisioners/file.sh
      BUILDIMG_SOURCE=${UPLOAD}/files/02-run BUILDIMG_DESTINATION=/opt/new/secret BUILDIMG_OWNER=root:root \
        BUILDIMG_MODE=0400 bash provisioners/file.sh
      stat -c '%n %a %U:%G' /srv /srv/etc /srv/etc/app.d '/srv/etc/app.d/a b' /opt/new /opt/new/run /opt/new/secret`);

    expect(stdout.split('\n')).toEqual([
      '/srv 711 root:root',
      '/srv/etc 755 root:adm',
      '/srv/etc/app.d 755 root:adm',
      '/srv/etc/app.d/a b 644 root:adm',
      '/opt/new 755 root:root',
      '/opt/new/run 755 root:root',
      '/opt/new/secret 400 root:root',
    ]);
  });

  it('fails when there is nothing to install', async () => {
    const options = { SOURCE: '/nowhere', DESTINATION: '/etc/motd', OWNER: 'root:root' };

    const result = await machine.provision('file.sh', options);

    expect(result).toMatchObject({ exitCode: 1, stderr: 'buildimg: /nowhere was not uploaded' });
  });
});
