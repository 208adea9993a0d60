// A rendered folder is written beside its place first, and then moved there, so that an interrupted run leaves the old
// folder or the new one. The marker lists what was written: only that is ever replaced or removed.
//
// Sync calls: a folder is a dozen small files, and a thousand folders in 3 s leave no time for a thread hop per call.
import { chmodSync, copyFileSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createError } from '../errors.js';
import type { RenderedFile } from '../render/rendered-file.js';
import { assertNoLinkOnTheWay, findStatus } from './links-on-the-way.js';

const MARKER = '.buildimg-rendered';

export interface RenderedFolder {
  /** Absolute folder to render into; made if it is missing. */
  readonly outDir: string;
  /** Name of the image: the folder below `outDir`. */
  readonly name: string;
  readonly files: readonly RenderedFile[];
  /**
   * Give one map to all folders of a run: a file that several of them carry is then copied once and linked for the
   * others, which costs a fraction of making one. Rendering again moves new files in and never writes into one, so links
   * stay safe.
   */
  readonly copies?: Map<string, string>;
}

/**
 * Writes `files` into `outDir`/`name`/ and returns that folder. What an earlier rendering wrote and this one does not is
 * removed; files of others are left alone. Throws OUTPUT_NOT_OURS, OUTPUT_PATH_UNSAFE.
 */
export function writeRendered({ outDir, name, files, copies = new Map() }: RenderedFolder): string {
  for (const path of [name, ...files.map((file) => file.path)]) assertPathInside(path);
  const folder = join(outDir, name);
  const earlier = readMarker(folder);
  const staging = join(outDir, `.${name}.buildimg-partial`);
  // What an interrupted run left; asked first, because removing nothing costs more than making a folder.
  if (findStatus(staging) !== undefined) rmSync(staging, { recursive: true, force: true });
  try {
    writeStaging(staging, files, copies);
    if (earlier === undefined) renameSync(staging, folder);
    else replaceFiles({ folder, staging, earlier, files });
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    throw error;
  }
  for (const file of files) rememberCopy(copies, file, join(folder, file.path));
  copies.set(formatMarker(files), join(folder, MARKER));
  return folder;
}

/** The files that an earlier rendering wrote; undefined when there is no folder yet. */
function readMarker(folder: string): readonly string[] | undefined {
  const status = findStatus(folder);
  if (status === undefined) return undefined;
  if (!status.isDirectory()) throw createError('OUTPUT_PATH_UNSAFE', [folder]);
  const marker = join(folder, MARKER);
  if (findStatus(marker)?.isFile() !== true) throw createError('OUTPUT_NOT_OURS', [folder]);
  const paths = parseMarker(readFileSync(marker, 'utf8'));
  if (paths === undefined) throw createError('OUTPUT_NOT_OURS', [folder]);
  for (const path of paths) assertPathInside(path);
  return paths;
}

function parseMarker(text: string): readonly string[] | undefined {
  try {
    const paths: unknown = JSON.parse(text);
    return Array.isArray(paths) && paths.every((path) => typeof path === 'string') ? paths : undefined;
  } catch {
    return undefined;
  }
}

function writeStaging(staging: string, files: readonly RenderedFile[], copies: ReadonlyMap<string, string>): void {
  mkdirSync(staging, { recursive: true });
  for (const folder of listFolders(files)) mkdirSync(join(staging, folder));
  for (const file of files) writeFile(join(staging, file.path), file, copies);
  const marker = formatMarker(files);
  const written = copies.get(marker);
  const path = join(staging, MARKER);
  if (written === undefined || !linkFile(written, path)) writeFileSync(path, marker, { encoding: 'utf8', flag: 'wx' });
}

function formatMarker(files: readonly RenderedFile[]): string {
  const paths = files.map((file) => file.path).sort();
  return `${JSON.stringify(paths, undefined, 2)}\n`;
}

/** Parents before children, so that each costs one system call: a recursive mkdir tries the whole path first. */
function listFolders(files: readonly RenderedFile[]): readonly string[] {
  const folders = new Set<string>();
  for (const file of files) {
    for (let folder = dirname(file.path); folder !== '.' && !folders.has(folder); folder = dirname(folder)) {
      folders.add(folder);
    }
  }
  return [...folders].sort();
}

function writeFile(path: string, file: RenderedFile, copies: ReadonlyMap<string, string>): void {
  const { content, mode } = file;
  if ('text' in content) {
    // The encoding is the default, but only where it is named does Node write in one call instead of three.
    writeFileSync(path, content.text, { encoding: 'utf8', flag: 'wx', mode });
    return;
  }
  const written = copies.get(getCopyKey(content.copyOf, mode));
  if (written !== undefined && linkFile(written, path)) return;
  copyFileSync(content.copyOf, path);
  chmodSync(path, mode);
}

/** False where the file system has no links, or has enough of them to this file. */
function linkFile(existing: string, path: string): boolean {
  try {
    linkSync(existing, path);
    return true;
  } catch {
    return false;
  }
}

function rememberCopy(copies: Map<string, string>, { content, mode }: RenderedFile, path: string): void {
  if ('text' in content) return;
  const key = getCopyKey(content.copyOf, mode);
  if (!copies.has(key)) copies.set(key, path);
}

function getCopyKey(source: string, mode: number): string {
  return `${mode} ${source}`;
}

interface Replacement {
  readonly folder: string;
  readonly staging: string;
  readonly earlier: readonly string[];
  readonly files: readonly RenderedFile[];
}

/** The marker moves last: until then it lists too little rather than too much, and a second run repeats the rest. */
function replaceFiles({ folder, staging, earlier, files }: Replacement): void {
  const current = new Set(files.map((file) => file.path));
  for (const path of current) assertNoLinkOnTheWay(folder, path);
  for (const path of current) {
    assertReplaceable(join(folder, path), earlier.includes(path));
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    renameSync(join(staging, path), join(folder, path));
  }
  for (const path of earlier) {
    if (current.has(path)) continue;
    assertNoLinkOnTheWay(folder, path);
    rmSync(join(folder, path), { force: true });
  }
  renameSync(join(staging, MARKER), join(folder, MARKER));
  rmSync(staging, { recursive: true });
}

/** A file that somebody else put where one of ours goes is not overwritten. */
function assertReplaceable(path: string, isOurs: boolean): void {
  const status = findStatus(path);
  if (status === undefined) return;
  if (!isOurs || !status.isFile()) throw createError('OUTPUT_NOT_OURS', [path]);
}

function assertPathInside(path: string): void {
  const parts = path.split('/');
  const isUnsafe = path.startsWith('/') || path.includes('\0') || parts.some((part) => ['', '.', '..'].includes(part));
  if (isUnsafe) throw createError('OUTPUT_PATH_UNSAFE', [path]);
}
