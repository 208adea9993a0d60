// `update` and `packages` against a package archive of their own inside the root folder: no network, and versions that
// are known. The distributions that are not Debian are told apart by their os-release, with a dnf that writes down how
// it was called.
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createMachine, quote, ROOTFS_TIMEOUT_MS, RUN_TIMEOUT_MS, type TestMachine } from './support/rootfs.js';

jest.setTimeout(RUN_TIMEOUT_MS);

// Two archives: `main` has gadget 2 and the new package extra; `security` has gizmo 2. Version 1 of both is installed.
const MAKE_ARCHIVES = `
set -e
build() { # ARCHIVE NAME VERSION [DEPENDS]
  mkdir -p /tmp/build/DEBIAN /tmp/build/etc /srv/archive/$1
  printf 'from version %s\\n' "$3" >/tmp/build/etc/$2.conf
  printf '/etc/%s.conf\\n' "$2" >/tmp/build/DEBIAN/conffiles
  printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: T <t@example.com>\\nDescription: t\\n' "$2" "$3" >/tmp/build/DEBIAN/control
  [ -z "\${4:-}" ] || printf 'Depends: %s\\n' "$4" >>/tmp/build/DEBIAN/control
  dpkg-deb --root-owner-group -b /tmp/build /srv/archive/$1/$2_$3.deb >/dev/null
  rm -rf /tmp/build
}
index() { # ARCHIVE SUITE
  cd /srv/archive/$1
  for deb in *.deb; do
    dpkg-deb -f $deb
    printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' $deb "$(stat -c %s $deb)" "$(sha256sum $deb | cut -d' ' -f1)"
  done >Packages
  printf 'Suite: %s\\nLabel: T\\nSHA256:\\n %s %s Packages\\n' $2 "$(sha256sum Packages | cut -d' ' -f1)" "$(stat -c %s Packages)" >Release
}
build old gadget 1; build old gizmo 1
dpkg -i /srv/archive/old/*.deb >/dev/null
build main gadget 2; build main extra 1; build security gizmo 2 extra
index main bookworm; index security bookworm-security
rm -f /etc/apt/sources.list.d/*
printf 'deb [trusted=yes] file:/srv/archive/main ./\\ndeb [trusted=yes] file:/srv/archive/security ./\\n' >/etc/apt/sources.list
echo 'changed by the owner' >/etc/gadget.conf
`;

const VERSIONS = `dpkg-query -W -f '\${Package} \${Version} \${db:Status-Status}\\n' gadget gizmo extra 2>/dev/null`;

function standIn(osRelease: string, command: string, script: string): string {
  return `printf '${osRelease}' >/etc/os-release
    printf '%s\\n' '#!/bin/bash' 'printf "%s\\n" "${command} $*" >>/var/calls' ${quote(script)} >/usr/local/sbin/${command}
    chmod 755 /usr/local/sbin/${command}`;
}

let machine: TestMachine;

async function prepare(command: string): Promise<void> {
  expect(await machine.run(command)).toMatchObject({ exitCode: 0 });
}

beforeAll(async () => {
  await (await createMachine()).remove();
}, ROOTFS_TIMEOUT_MS);

beforeEach(async () => {
  machine = await createMachine();
});

afterEach(() => machine.remove());

describe('update', () => {
  it('installs every update without asking about changed configuration, and nothing the second time', async () => {
    await prepare(`${MAKE_ARCHIVES} apt-get -q update`);

    const before = await machine.provision('update/verify.sh');
    const first = await machine.provision('update/apply.sh');
    const versions = await machine.run(`${VERSIONS}; cat /etc/gadget.conf`);
    const second = await machine.provision('update/apply.sh');

    expect(before.stderr).toContain('FAIL  OS-002  gadget has an update that is not installed');
    expect(before.stderr).toContain('update: 2 controls do not hold');
    expect(first).toMatchObject({ exitCode: 0 });
    expect(versions.stdout.split('\n')).toEqual([
      'extra 1 installed',
      'gadget 2 installed',
      'gizmo 2 installed',
      'changed by the owner',
    ]);
    expect(second.stdout).toContain('0 upgraded, 0 newly installed');
  });

  it('takes only security updates when asked, with what they newly depend on', async () => {
    await prepare(MAKE_ARCHIVES);

    const result = await machine.provision('update/apply.sh', { LEVEL: 'security' });
    const versions = await machine.run(VERSIONS);

    expect(result).toMatchObject({ exitCode: 0 });
    expect(versions.stdout.split('\n')).toEqual(['extra 1 installed', 'gadget 1 installed', 'gizmo 2 installed']);
  });

  it('waits for another package manager to let go of its lock', async () => {
    await prepare(MAKE_ARCHIVES);

    const result = await machine.run(`
      python3 -c "import fcntl,time; f=open('/var/lib/apt/lists/lock','w'); fcntl.lockf(f,fcntl.LOCK_EX); time.sleep(4)" &
      sleep 1; bash /tmp/buildimg-upload/provisioners/update/apply.sh`);

    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.stdout).toContain('another package manager holds the lock; waiting');
    expect(result.stdout).toContain('update: all controls hold');
  });

  it('fails when the archive cannot be read', async () => {
    await prepare(`${MAKE_ARCHIVES} rm -rf /srv/archive/main/*`);

    const result = await machine.provision('update/apply.sh');

    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain('/srv/archive/main');
  });

  it('moves Amazon Linux 2023 past the release that its repositories are locked to', async () => {
    await machine.run(standIn('ID="amzn"\\nID_LIKE="fedora"\\nVERSION_ID="2023"\\n', 'dnf', 'exit 0'));

    const result = await machine.provision('update/apply.sh', { LEVEL: 'security' });
    const { stdout } = await machine.run('cat /var/calls');

    expect(result).toMatchObject({ exitCode: 0 });
    expect(stdout.split('\n')).toEqual([
      'dnf -q -y upgrade --releasever=latest --security',
      'dnf -q -y autoremove',
      'dnf -q -y check-update --releasever=latest --security',
    ]);
  });

  it('reads what dnf says is pending on the RHEL family', async () => {
    const pending = `case $* in *check-update*) printf "\\nkernel.x86_64   5.14.0-9  baseos\\nvim-data.noarch  2:8.2  appstream\\nObsoleting Packages\\nold.noarch 1 x\\n"; exit 100;; esac`;
    await machine.run(standIn('ID="rocky"\\nID_LIKE="rhel centos fedora"\\nVERSION_ID="9.4"\\n', 'dnf', pending));

    const result = await machine.provision('update/verify.sh');

    expect(result.exitCode).toBe(1);
    expect(result.stderr.split('\n')).toEqual([
      'FAIL  OS-002  kernel.x86_64 has an update that is not installed',
      'FAIL  OS-002  vim-data.noarch has an update that is not installed',
      'update: 2 controls do not hold',
    ]);
  });

  it('says which distribution it does not know', async () => {
    await machine.run(`printf 'ID=plan9\\nPRETTY_NAME="Plan 9"\\n' >/etc/os-release`);

    const result = await machine.provision('update/apply.sh');

    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('this distribution is not supported: Plan 9');
  });
});

describe('packages', () => {
  it('installs and removes, purged, and does nothing the second time', async () => {
    await prepare(MAKE_ARCHIVES);
    const options = { INSTALL: 'extra\ngizmo', REMOVE: 'gadget\nnever-heard-of' };

    const before = await machine.provision('packages/verify.sh', options);
    const first = await machine.provision('packages/apply.sh', options);
    const afterFirst = await machine.fingerprint();
    const second = await machine.provision('packages/apply.sh', options);
    const afterSecond = await machine.fingerprint();
    const state = await machine.run(`${VERSIONS}; ls /etc/gadget.conf`);

    expect(before.stderr).toContain('FAIL  PKG-001  extra is not installed');
    expect(before.stderr).toContain('FAIL  PKG-002  gadget is still there');
    expect(first).toMatchObject({ exitCode: 0 });
    expect(second).toMatchObject({ exitCode: 0, stdout: 'packages: all controls hold' });
    expect(afterSecond).toEqual(afterFirst);
    expect(state.stdout.split('\n')).toEqual(['extra 1 installed', 'gizmo 1 installed']);
  });

  it('purges configuration that an earlier removal kept', async () => {
    await prepare(`${MAKE_ARCHIVES} dpkg -r gadget`);

    const result = await machine.provision('packages/apply.sh', { REMOVE: 'gadget' });
    const { stdout } = await machine.run('ls /etc/gadget.conf');

    expect(result).toMatchObject({ exitCode: 0 });
    expect(stdout).toBe('');
  });

  it('fails when a package does not exist', async () => {
    await prepare(MAKE_ARCHIVES);

    const result = await machine.provision('packages/apply.sh', { INSTALL: 'no-such-package' });

    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain('Unable to locate package no-such-package');
  });

  it('uses yum on Amazon Linux 2 and asks rpm what is installed', async () => {
    await machine.run(
      standIn('ID="amzn"\\nID_LIKE="centos rhel fedora"\\nVERSION_ID="2"\\n', 'yum', 'touch /var/installed'),
    );
    await machine.run(
      `printf '#!/bin/sh\\n[ -e /var/installed ]\\n' >/usr/local/sbin/rpm; chmod 755 /usr/local/sbin/rpm`,
    );

    const result = await machine.provision('packages/apply.sh', { INSTALL: 'nginx' });
    const { stdout } = await machine.run('cat /var/calls');

    expect(result).toMatchObject({ exitCode: 0 });
    expect(stdout).toBe('yum -q -y install -- nginx');
  });
});
