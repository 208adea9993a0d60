// The script that collects what a scan reads, run as on a build instance, in a copy of a real Debian.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findTemplatesDir } from '../../src/plugins/find-package-folder.js';
import { scanTree } from '../../src/scan/scan-tree.js';
import type { FileTree } from '../../src/scan/tree/file-tree.js';
import { openCollectedTree } from '../../src/scan/tree/tar/open-collected-tree.js';
import { createMachine, ROOTFS_TIMEOUT_MS, type TestMachine } from '../provisioners/support/rootfs.js';
import { A_PRIVATE_KEY } from '../support/a-captured-disk.js';

const SCRIPT = readFileSync(join(findTemplatesDir(), 'collect-tree.sh')).toString('base64');
const PLANT = `
  mkdir -p /opt/app /data /var/lib/cloud/instance /var/lib/amazon/ssm/i-1 /home/admin/.ssh
  printf 'url = "https://files/?X-Amz-Credential=AKIA%s"\n' QWERTZUIOPASDFGH >/var/lib/amazon/ssm/i-1/_script.sh
  echo ${Buffer.from(A_PRIVATE_KEY).toString('base64')} | base64 -d | tee /opt/app/id_ed25519 /data/key >/home/admin/.ssh/id_ed25519
  printf 'ALL ALL=(ALL) NOPASSWD:ALL\\n' >/etc/sudoers.d/everybody
  printf 'admin ALL=(ALL) NOPASSWD:ALL\\n' >/etc/sudoers.d/90-cloud-init-users
  chmod 0440 /etc/sudoers.d/*
  printf 'secret command\\n' >/root/.bash_history
  printf '#cloud-config\\npassword: hunter22\\n' >/var/lib/cloud/instance/user-data.txt
  ln -s ../data "/opt/a link"
  mkdir "/opt/new
line"
  chmod 1777 /opt/app`;

describe('collect-tree', () => {
  let machine: TestMachine;
  let tree: FileTree;

  beforeAll(async () => {
    machine = await createMachine();
    const run =
      'mkdir -p /tmp/up && bash /tmp/collect.sh /tmp/up/collected.tar.gz >&2 && base64 -w0 /tmp/up/collected.tar.gz';
    const { exitCode, stdout, stderr } = await machine.run(`${PLANT}
      echo ${SCRIPT} | base64 -d >/tmp/collect.sh; ${run}`);
    if (exitCode !== 0) throw new Error(stderr);
    const archive = Buffer.from(stdout, 'base64');
    const stream = Readable.from([archive]).pipe(createGunzip());
    tree = await openCollectedTree({ target: 'instance', stream }, { signal: new AbortController().signal });
  }, ROOTFS_TIMEOUT_MS);

  afterAll(async () => {
    await tree.close();
    await machine.remove();
  });

  it('lists every entry with its mode, and carries links and names as they are', () => {
    expect(tree.find('/opt/app')).toMatchObject({ type: 'directory', mode: 0o1777, uid: 0 });
    expect(tree.find('/opt/a link')).toMatchObject({ type: 'symlink', linkTarget: '../data' });
    expect(tree.resolve('/opt/a link/key')).toMatchObject({ path: '/data/key', type: 'file' });
    expect(tree.find('/opt/new\nline')).toMatchObject({ type: 'directory' });
    expect(tree.find('/usr/bin/passwd')).toMatchObject({ type: 'file', mode: 0o4755 });
    expect(tree.gaps).toEqual([]);
  });

  it('carries what is configured, and leaves out programs and what seal removes', async () => {
    const expected = {
      '/etc/sudoers.d/everybody': 'ALL ALL=(ALL) NOPASSWD:ALL\n',
      '/usr/bin/passwd': 'not collected',
      '/home/admin/.ssh/id_ed25519': 'not collected',
      '/root/.bash_history': 'not collected',
      '/etc/sudoers.d/90-cloud-init-users': 'not listed',
      '/var/lib/cloud/instance/user-data.txt': 'not listed',
      // Every command of the build, and the URLs of its files.
      '/var/lib/amazon/ssm/i-1/_script.sh': 'not listed',
    };

    const found = await Promise.all(Object.keys(expected).map(async (path) => [path, await readFrom(tree, path)]));

    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it('shows the faults that sealing does not repair, and no others of the same kind', async () => {
    const { findings } = await scanTree(tree, { policy: 'marketplace', now: new Date(0), isBeforeSeal: true });

    const places = findings.flatMap(({ check, path }) => (/^(SEC|KEY|ACC)-/.test(check) ? [`${check} ${path}`] : []));
    expect(places.toSorted()).toEqual([
      'ACC-008 /etc/sudoers.d/everybody',
      'SEC-003 /data/key',
      'SEC-003 /opt/app/id_ed25519',
    ]);
  });
});

async function readFrom(tree: FileTree, path: string): Promise<string> {
  const entry = tree.find(path);
  return entry === undefined ? 'not listed' : tree.read(entry, 64).then(String, () => 'not collected');
}
