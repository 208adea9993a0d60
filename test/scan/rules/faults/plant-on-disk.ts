// Plants faults of the table into a real folder. What stood there is moved away and moved back, and a changed file is a new
// one, so that a folder of hard links keeps its originals.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { MemoryFile } from '../../../support/memory-tree.js';
import { type Change, type PlantedFault, toFile } from './fault.js';

/** Plants a fault below `root`, a folder that is not `/`; the function that it gives puts everything back. */
export function plantOnDisk(root: string, { plant }: PlantedFault): () => void {
  const undo: (() => void)[] = [];
  // Beside the root and not in it: on the same file system, and no part of what is scanned.
  const aside = mkdtempSync(`${root}.aside-`);
  undo.push(() => rmSync(aside, { recursive: true }));
  for (const [path, change] of Object.entries(plant)) undo.push(plantOne({ root, path, change, aside }));
  return () => {
    for (const step of undo.toReversed()) step();
  };
}

interface Planting {
  readonly root: string;
  readonly path: string;
  readonly change: Change;
  readonly aside: string;
}

function plantOne({ root, path: inside, change, aside }: Planting): () => void {
  const path = join(root, inside);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (change === undefined) {
    if (stats === undefined) throw new Error(`${path} is not there to be removed`);
    return moveAway(path, aside);
  }
  const file = typeof change === 'function' ? change(readFile(path, stats)) : toFile(change);
  if (file.directory && stats?.isDirectory()) return changeFolder(path, file, stats);
  assertInside(root, dirname(path));
  const removeParents = makeParents(dirname(path));
  const putBack = stats === undefined ? () => {} : moveAway(path, aside);
  writeFile(path, file);
  return () => {
    rmSync(path, { recursive: true });
    putBack();
    removeParents();
  };
}

function readFile(path: string, stats: Stats | undefined): MemoryFile {
  if (stats === undefined) return {};
  if (stats.isSymbolicLink()) return { link: readlinkSync(path) };
  const { uid, gid } = stats;
  return { content: readFileSync(path), mode: stats.mode & 0o7777, uid, gid, modifiedAt: stats.mtimeMs / 1000 };
}

function moveAway(path: string, aside: string): () => void {
  const kept = join(mkdtempSync(join(aside, 'kept-')), 'original');
  renameSync(path, kept);
  return () => renameSync(kept, path);
}

function changeFolder(path: string, { mode = 0o755, uid = 0, gid = 0 }: MemoryFile, stats: Stats): () => void {
  chownSync(path, uid, gid);
  chmodSync(path, mode);
  return () => {
    chownSync(path, stats.uid, stats.gid);
    chmodSync(path, stats.mode & 0o7777);
  };
}

// A link such as /var/run would lead to the folder of the same name of this very machine.
function assertInside(root: string, folder: string): void {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const real = realpathSync(existing);
  if (real !== realpathSync(root) && !real.startsWith(`${realpathSync(root)}/`)) {
    throw new Error(`${folder} leads out of ${root}, to ${real}`);
  }
}

function makeParents(folder: string): () => void {
  const first = mkdirSync(folder, { recursive: true });
  return () => {
    if (first !== undefined) rmSync(first, { recursive: true });
  };
}

function writeFile(path: string, { content = '', link, directory, mode, uid = 0, gid = 0, ...rest }: MemoryFile): void {
  if (link !== undefined) symlinkSync(link, path);
  else if (directory) mkdirSync(path);
  else writeFileSync(path, content);
  if (link !== undefined) return;
  chownSync(path, uid, gid);
  chmodSync(path, mode ?? (directory ? 0o755 : 0o644));
  for (const [name, value] of rest.attributes ?? []) {
    execFileSync('setfattr', ['-n', name, '-v', `0x${Buffer.from(value).toString('hex')}`, path]);
  }
  if (rest.modifiedAt !== undefined) utimesSync(path, rest.modifiedAt, rest.modifiedAt);
}
