// What may be read of a folder that a stranger wrote: regular files and folders that really lie in it. A link counts as what
// it leads to, and only where that lies in the folder too; pipes, sockets and devices are not there at all.
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { createError } from '../../errors.js';

export interface SourceFolder {
  /** Absolute. */
  readonly path: string;
  /** The real file or folder at a path of the folder; undefined when there is none that may be read. */
  find(path: string): SourceEntry | undefined;
  /** Paths of all files below a path, sorted, and of what may not be read. A folder that leads into itself ends there. */
  list(path: string): { readonly files: readonly string[]; readonly refused: readonly string[] };
}

export interface SourceEntry {
  readonly kind: 'file' | 'folder';
  /** Absolute, without a link in it. */
  readonly realPath: string;
}

/** Far above any template's folder; reached by a home folder or a whole disk. */
const MAX_ENTRIES = 100_000;

export function openSourceFolder(folder: string): SourceFolder {
  const root = realpathSync(folder);
  const find = (path: string) => findEntry(root, path);
  return { path: folder, find, list: (path) => listEntries(folder, path, find) };
}

function findEntry(root: string, path: string): SourceEntry | undefined {
  const realPath = findRealPath(join(root, path));
  if (realPath === undefined || !(realPath === root || realPath.startsWith(join(root, sep)))) return undefined;
  const status = lstatSync(realPath, { throwIfNoEntry: false });
  if (status?.isFile() === true) return { kind: 'file', realPath };
  return status?.isDirectory() === true ? { kind: 'folder', realPath } : undefined;
}

/** Undefined for what is not there, for links that go in circles and for names that no file has. */
function findRealPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function listEntries(folder: string, start: string, find: SourceFolder['find']) {
  const files: string[] = [];
  const refused: string[] = [];
  let count = 0;
  const walk = (path: string, above: readonly string[]): void => {
    count += 1;
    if (count > MAX_ENTRIES) throw createError('IMPORT_FOLDER_TOO_LARGE', [folder, MAX_ENTRIES]);
    const entry = find(path);
    if (entry === undefined || above.includes(entry.realPath)) refused.push(path);
    else if (entry.kind === 'file') files.push(path);
    else for (const name of readdirSync(entry.realPath).sort()) walk(join(path, name), [...above, entry.realPath]);
  };
  walk(start, []);
  return { files, refused };
}
