// One folder with everything that could hold a scan up, crash it or lead it out, as a folder, a tar stream and a disk image:
// every policy is evaluated over each, and each gives the same findings.
import { createReadStream, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BuildimgError } from '../../../src/errors.js';
import type { Finding } from '../../../src/scan/finding.js';
import { scanTree } from '../../../src/scan/scan-tree.js';
import type { FileTree } from '../../../src/scan/tree/file-tree.js';
import { openFolderTree } from '../../../src/scan/tree/folder/open-folder-tree.js';
import { openDiskImageTree } from '../../../src/scan/tree/image/open-disk-image-tree.js';
import { openTarTree } from '../../../src/scan/tree/tar/open-tar-tree.js';
import { makeBlankFile, makeTempFolder, noSignal, run } from '../../support/scan-fixtures.js';
import { PRIVATE_KEY } from '../rules/faults/keys.js';

const TEBIBYTE = 1024 ** 4;
const NOW = new Date('2026-11-22T12:00:00Z');
const policies = ['baseline', 'shared', 'marketplace', 'cis-l1'] as const;
const work = makeTempFolder();
const root = join(work, 'root');
const image = join(work, 'root.img');

beforeAll(() => {
  makeHostileFolder();
  makeBlankFile(image, 512 * 1024 ** 2);
  run('mke2fs', '-q', '-F', '-t', 'ext4', '-d', root, image);
}, 120_000);
afterAll(() => rmSync(work, { recursive: true }));

function makeHostileFolder(): void {
  for (const folder of [
    'etc/ssh/sshd_config.d',
    'etc/sudoers.d',
    'etc/cron.d',
    'root/.ssh',
    'var/lib/dpkg/info',
    'opt/app',
    'home',
  ]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(work, 'outside'), 'root::0:0::/:/bin/sh\n');
  writeFileSync(
    join(root, 'etc/passwd'),
    `root:x:0:0:${'a'.repeat(8_000_000)}:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n`,
  );
  writeFileSync(
    join(root, 'etc/ssh/sshd_config'),
    `Include /etc/ssh/sshd_config.d/*.conf\n${'Include /etc/ssh/sshd_config\n'.repeat(50)}`,
  );
  writeFileSync(join(root, 'opt/app/one-line.json'), `{"a":"${'password='.repeat(500_000)}"}`);
  writeFileSync(join(root, 'root/.ssh/id\n\u001b[31mrsa'), PRIVATE_KEY);
  writeFileSync(Buffer.concat([Buffer.from(`${root}/etc/`), Buffer.from([0xff, 0x0a, 0x7f])]), 'x');
  for (const [name, target] of LINKS) symlinkSync(target, join(root, name));
  for (let at = 0; at < 200; at += 1) symlinkSync(`chain-${at + 1}`, join(root, `opt/chain-${at}`));
  for (const name of ['root/.bash_history', 'etc/ssh/sshd_config.d/fifo.conf', 'etc/fstab', 'opt/app/.env'])
    run('mkfifo', join(root, name));
  run('mknod', join(root, 'etc/sudoers.d/zero'), 'c', '1', '5');
  run('mknod', join(root, 'etc/cron.d/disk'), 'b', '7', '200');
  for (const name of ['var/lib/dpkg/status', 'opt/app/config.yml', 'etc/group', 'root/core'])
    makeBlankFile(join(root, name), TEBIBYTE);
}

const LINKS: readonly (readonly [name: string, target: string])[] = [
  ['etc/shadow', join(work, 'outside')],
  ['etc/gshadow', '../../outside'],
  ['etc/machine-id', 'machine-id'],
  ['etc/hostname', '../etc/hosts'],
  ['etc/hosts', '/etc/hostname'],
  ['home/ann', '..'],
  ['home/bob', '/home'],
  ['var/lib/cloud', '/var/lib/cloud/instance'],
  ['opt/app/up', '../../opt'],
  ['etc/sudoers', '/proc/self/mem'],
];

const openTar = () => {
  const file = join(work, 'root.tar');
  run('tar', '--format=pax', '--sparse', '-cf', file, '-C', root, '.');
  return openTarTree({ target: 'tar', stream: createReadStream(file) }, { signal: noSignal() });
};
const trees: Readonly<Record<string, () => Promise<FileTree>>> = {
  folder: () => openFolderTree(root, { signal: noSignal() }),
  'tar stream': openTar,
  'disk image': () => openDiskImageTree(image, { signal: noSignal() }),
};

describe('a hostile tree', () => {
  it.each(Object.keys(trees))(
    'is scanned as a %s, under every policy, without leaving it',
    async (kind) => {
      const tree = await (trees[kind] ?? openTar)();

      const results = [];
      for (const policy of policies) results.push(await scanTree(tree, { policy, now: NOW }));

      const [{ findings } = { findings: [] }] = results;
      expect(summarise(findings)).toEqual(expect.arrayContaining(['KEY-002 /root/.ssh/id\n\u001b[31mrsa']));
      // What lies outside says that root has no password.
      expect(summarise(findings).filter((each) => each.includes('ACC-001'))).toEqual([]);
      expect(tree.find('/root/core')?.size).toBe(TEBIBYTE);
      expect(tree.find('/etc/\\xff\n\\x7f') ?? tree.find('/etc/\\xff\n\u007f')).toMatchObject({ type: 'file' });
      for (const path of ['/etc/machine-id', '/etc/hostname', '/etc/shadow', '/opt/chain-0']) {
        expect(tree.resolve(path)).toBeUndefined();
      }
      expect(typesOf(tree)).toEqual(['fifo', 'character-device', 'block-device']);
      await tree.close();
    },
    120_000,
  );

  it('gives the same findings whatever it is packed in', async () => {
    const all = [];
    for (const open of Object.values(trees)) {
      const tree = await open();
      const { findings } = await scanTree(tree, { policy: 'marketplace', now: NOW });
      all.push(summarise(findings.filter(({ path }) => !path?.startsWith('/lost+found'))));
      await tree.close();
    }

    const [folder, ...others] = all;
    for (const other of others) expect(other).toEqual(folder);
  }, 120_000);

  it.each([0.02, 0.2, 0.5, 0.8])('is scanned, or refused with a code, when its image ends at %d', async (share) => {
    const cut = join(work, `cut-${share}.img`);
    run('cp', '--sparse=always', image, cut);
    truncateSync(cut, Math.floor(512 * 1024 ** 2 * share));

    const outcome = await scanImage(cut).catch((error: unknown) => error);

    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(BuildimgError);
    else expect(outcome).toBeGreaterThan(0);
  });
});

async function scanImage(file: string): Promise<number> {
  const tree = await openDiskImageTree(file, { signal: noSignal() });
  const { findings, gaps } = await scanTree(tree, { policy: 'marketplace', now: NOW });
  await tree.close();
  return findings.length + gaps.length;
}

function summarise(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ check, path }) => `${check} ${path}`).sort();
}

function typesOf(tree: FileTree): readonly (string | undefined)[] {
  return ['/root/.bash_history', '/etc/sudoers.d/zero', '/etc/cron.d/disk'].map((path) => tree.find(path)?.type);
}
