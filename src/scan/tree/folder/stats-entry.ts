import type { Stats } from 'node:fs';
import type { NewEntry } from '../file-index.js';
import type { EntryType } from '../file-tree.js';

/** What lstat says, as an entry of the index. The inode number finds the file again. */
export function newEntryFromStats(name: string, stats: Stats): NewEntry {
  return {
    name,
    type: typeOf(stats.mode),
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    size: stats.size,
    modifiedAt: Math.floor(stats.mtimeMs / 1000),
    locator: stats.ino,
  };
}

/** The type that the upper bits of st_mode stand for (inode(7)); undefined types count as regular files do on disk. */
export function typeOf(mode: number): EntryType {
  return TYPE_OF_FORMAT.get(mode & 0o170000) ?? 'file';
}

const TYPE_OF_FORMAT: ReadonlyMap<number, EntryType> = new Map([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'symlink'],
  [0o010000, 'fifo'],
  [0o140000, 'socket'],
  [0o020000, 'character-device'],
  [0o060000, 'block-device'],
]);
