// A folder with everything that a filesystem can hold, images made of it by the system's own tools, and listings of
// both that can be compared.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileTree } from '../../src/scan/tree/file-tree.js';

/** A signal that never fires. */
export function noSignal(): AbortSignal {
  return new AbortController().signal;
}

export function makeTempFolder(): string {
  return mkdtempSync(join(tmpdir(), 'buildimg-test-scan-'));
}

export function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** A small system: nested and large directories, links of all lengths, odd modes, a sparse file, binary content. */
export function makeSystemFolder(root: string, { hasLongLink = true } = {}): void {
  for (const folder of ['etc', 'usr/bin', 'home/ann/.ssh', 'many', 'tmp', 'boot', 'srv/a/b/c/d/e/f']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/fstab'), '# none\n');
  writeFileSync(join(root, 'etc/empty'), '');
  writeFileSync(join(root, 'etc/tiny'), 'tiny');
  writeFileSync(join(root, 'etc/exactly-60-bytes'), 'x'.repeat(60));
  writeFileSync(join(root, 'etc/exactly-100-bytes'), 'y'.repeat(100));
  writeFileSync(join(root, 'home/ann/.ssh/authorized_keys'), 'ssh-ed25519 AAAA ann\n', { mode: 0o600 });
  const large = Buffer.alloc(1_200_001, 'buildimg ').map((byte, at) => byte ^ (at >> 12));
  writeFileSync(join(root, 'usr/bin/large'), large, { mode: 0o755 });
  for (let at = 0; at < 400; at += 1) writeFileSync(join(root, 'many', `file-number-${at}-with-a-long-name`), `${at}`);
  symlinkSync('large', join(root, 'usr/bin/short-link'));
  symlinkSync('n'.repeat(59), join(root, 'etc/link-59'));
  symlinkSync('n'.repeat(60), join(root, 'etc/link-60'));
  if (hasLongLink) symlinkSync(`/${'long/'.repeat(100)}end`, join(root, 'etc/link-506'));
  const sparse = openSync(join(root, 'srv/sparse'), 'w');
  ftruncateSync(sparse, 1_500_000);
  closeSync(sparse);
  appendFileSync(join(root, 'srv/sparse'), 'end');
  chmodSync(join(root, 'usr/bin/large'), 0o4755);
  chmodSync(join(root, 'etc/tiny'), 0o2640);
  utimesSync(join(root, 'etc/tiny'), 2_000_000_000, 2_000_000_000);
}

interface Listing {
  readonly [path: string]: string;
}

/** What a tree says, one line an entry: type, mode, owner, size, time, link, content. */
export async function listTree(tree: FileTree, { times = true } = {}): Promise<Listing> {
  const listing: Record<string, string> = {};
  for (const entry of tree.entries()) {
    if (entry.path.startsWith('/lost+found')) continue;
    const content = entry.type === 'file' ? digest(await tree.read(entry, 1 << 24)) : '';
    const size = entry.type === 'directory' ? '' : entry.size;
    const time = times && entry.path !== '/' ? entry.modifiedAt : '';
    listing[entry.path] =
      `${entry.type} ${entry.mode.toString(8)} ${entry.uid}:${entry.gid} ${size} ${time} ${entry.linkTarget ?? ''} ${content}`;
  }
  return listing;
}

/** The same of a folder, by plain Node and none of our code. Names have to be UTF-8. */
export function listFolder(root: string, { times = true } = {}): Listing {
  const listing: Record<string, string> = {};
  const visit = (path: string) => {
    const full = join(root, path);
    const stats = lstatSync(full);
    const type = stats.isDirectory()
      ? 'directory'
      : stats.isSymbolicLink()
        ? 'symlink'
        : stats.isFIFO()
          ? 'fifo'
          : 'file';
    const content = type === 'file' ? digest(readFileSync(full)) : '';
    const time = times && path !== '/' ? Math.floor(stats.mtimeMs / 1000) : '';
    const size = type === 'directory' ? '' : stats.size;
    const link = type === 'symlink' ? readlinkSync(full) : '';
    listing[path] =
      `${type} ${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid} ${size} ${time} ${link} ${content}`;
    if (type === 'directory') for (const name of readdirSync(full)) visit(join(path, name));
  };
  visit('/');
  return listing;
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

/** An empty sparse file. */
export function makeBlankFile(path: string, bytes: number): void {
  const file = openSync(path, 'w');
  ftruncateSync(file, bytes);
  closeSync(file);
}

/** An ext2, ext3 or ext4 image of `folder`. */
export function makeExtImage(path: string, folder: string, { megabytes = 48, options = [] as string[] } = {}): void {
  makeBlankFile(path, megabytes * 1024 * 1024);
  run('mke2fs', '-q', '-F', '-d', folder, ...options, path);
}

/** A FAT image of what is in `folder`, which must hold files and folders only. */
export function makeFatImage(
  path: string,
  folder: string,
  { megabytes, bits, options = [] }: { megabytes: number; bits: 12 | 16 | 32; options?: readonly string[] },
): void {
  makeBlankFile(path, megabytes * 1024 * 1024);
  run('mkfs.vfat', '-F', String(bits), ...options, path);
  const entries = readdirSync(folder).map((name) => join(folder, name));
  run('mcopy', '-s', '-Q', '-i', path, ...entries, '::');
}

/** An XFS image of `folder`, through a prototype file: mkfs.xfs takes no smaller than 300 MB, which stay sparse. */
export function makeXfsImage(path: string, folder: string, { megabytes = 320, options = [] as string[] } = {}): void {
  makeBlankFile(path, megabytes * 1024 * 1024);
  const prototype = `${path}.proto`;
  writeFileSync(
    prototype,
    `/dev/null\n0 0\n${prototypeMode(lstatSync(folder).mode, 'd')} 0 0\n${prototypeOf(folder)}$\n`,
  );
  run('mkfs.xfs', '-q', '-f', '-p', prototype, ...options, path);
}

function prototypeOf(folder: string): string {
  let lines = '';
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const { mode, uid, gid, isDirectory, isSymbolicLink } = statsOf(path);
    if (isDirectory) lines += `${name} ${prototypeMode(mode, 'd')} ${uid} ${gid}\n${prototypeOf(path)}$\n`;
    else if (isSymbolicLink) lines += `${name} ${prototypeMode(mode, 'l')} ${uid} ${gid} ${readlinkSync(path)}\n`;
    else lines += `${name} ${prototypeMode(mode, '-')} ${uid} ${gid} ${path}\n`;
  }
  return lines;
}

function statsOf(path: string) {
  const stats = lstatSync(path);
  const { mode, uid, gid } = stats;
  return { mode, uid, gid, isDirectory: stats.isDirectory(), isSymbolicLink: stats.isSymbolicLink() };
}

/** `-u-755`: type, setuid, setgid, permissions. */
function prototypeMode(mode: number, type: string): string {
  const permissions = (mode & 0o777).toString(8).padStart(3, '0');
  return `${type}${(mode & 0o4000) === 0 ? '-' : 'u'}${(mode & 0o2000) === 0 ? '-' : 'g'}${permissions}`;
}

/** A disk with a partition table; each part is copied into its partition. `script` is in the words of sfdisk. */
export function makePartitionedDisk(
  path: string,
  {
    megabytes,
    script,
    parts,
  }: { megabytes: number; script: string; parts: readonly { image: string; atMegabyte: number }[] },
): void {
  makeBlankFile(path, megabytes * 1024 * 1024);
  execFileSync('sfdisk', ['-q', path], { input: script, stdio: ['pipe', 'ignore', 'pipe'] });
  for (const { image, atMegabyte } of parts) {
    run('dd', `if=${image}`, `of=${path}`, 'bs=1M', `seek=${atMegabyte}`, 'conv=notrunc,sparse', 'status=none');
  }
}
