import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SnapshotReader } from '../../src/aws/ports.js';
import { createError } from '../../src/errors.js';
import { makeExtImage } from './scan-fixtures.js';

/** Little as it is, nothing critical is wrong with it. */
const SYSTEM: Readonly<Record<string, string>> = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nadmin:x:1000:1000::/home/admin:/bin/bash\n',
  '/etc/shadow': 'root:!*:20000:0:99999:7:::\nadmin:!*:20000:0:99999:7:::\n',
  '/etc/group': 'root:x:0:\nadmin:x:1000:\n',
  '/etc/machine-id': '',
  '/var/lib/dpkg/status':
    'Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2\nMaintainer: Debian\nDescription: shell\n\n',
};

/** What a rule of any policy reports as critical, wherever it lies. */
export const A_PRIVATE_KEY = `-----BEGIN OPENSSH PRIVATE KEY-----\n${`${'b3BlbnNzaC1rZXktdjEAAAAABG5vbmU'.repeat(2)}\n`.repeat(4)}-----END OPENSSH PRIVATE KEY-----\n`;

export const A_FAULT = { '/opt/app/id_ed25519': A_PRIVATE_KEY } as const;

/** A folder with a small system and `files` in it, by absolute path. */
export function writeSystem(folder: string, files: Readonly<Record<string, string>> = {}): string {
  for (const [path, text] of Object.entries({ ...SYSTEM, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** A qcow2 with such a system, for captures of a fake driver. Returns its file. */
export function writeCapturedDisk(folder: string): string {
  const image = join(folder, 'captured.img');
  makeExtImage(image, writeSystem(join(folder, 'captured')), { megabytes: 16, options: ['-t', 'ext4'] });
  execFileSync('qemu-img', ['convert', '-O', 'qcow2', image, `${image}.qcow2`]);
  return `${image}.qcow2`;
}

/** Snapshots of a region, each an ext4 volume with such a system, which a command may change; others are not found. */
export function aSnapshotReader(
  folder: string,
  snapshotIds: readonly string[],
  files = {},
  change: readonly string[] = [],
): SnapshotReader {
  const image = join(folder, 'captured.img');
  makeExtImage(image, writeSystem(join(folder, 'captured'), files), { megabytes: 16, options: ['-t', 'ext4'] });
  const [program, ...args] = change;
  if (program !== undefined) execFileSync(program, [...args, image], { stdio: 'ignore' });
  const bytes = readFileSync(image);
  return {
    async openSnapshot(snapshotId) {
      if (!snapshotIds.includes(snapshotId)) throw createError('SNAPSHOT_NOT_FOUND', [snapshotId]);
      return {
        size: bytes.length,
        read: async (offset, length) => bytes.subarray(offset, offset + length),
        close: async () => undefined,
      };
    },
  };
}

/** An archive as templates/collect-tree.sh makes one, of a small system. */
export function collect(folder: string, files: Readonly<Record<string, string>>): string {
  const root = writeSystem(join(folder, 'instance'), files);
  const archive = join(folder, 'instance.tar.gz');
  const script = `find . -printf '%y %m 0 0 %s %T@ /%P\\0%l\\0' >.buildimg-listing
    find . -type f ! -name .buildimg-listing -printf '%P\\n' | tar -czf "$1" .buildimg-listing -T -
    rm .buildimg-listing`;
  execFileSync('bash', ['-euc', script, 'collect', archive], { cwd: root });
  return archive;
}
