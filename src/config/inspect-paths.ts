import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { PartialConfig } from './config-input.js';
import type { ConfigPath } from './config-path.js';
import { listPathOptions } from './find-provisioner-manifest.js';
import { listImageFolders } from './image-folders.js';
import { findNearest } from './nearest.js';
import { listProvisioners, type WrittenProvisioner } from './rules/image-rule.js';

/** What stands at a path that a config names. `outside-by-link`: a symbolic link on the way leaves the folder. */
export type PathFact =
  | { readonly kind: 'file' | 'folder' | 'outside' | 'outside-by-link' | 'special' | 'unreadable' }
  | { readonly kind: 'missing'; readonly near?: string };

export interface WrittenPath {
  readonly text: string;
  readonly path: ConfigPath;
}

/** Looks up every path that the images of `config` name, relative to `root`; each one once. */
export async function inspectPaths(config: PartialConfig, root: string): Promise<ReadonlyMap<string, PathFact>> {
  const facts = new Map<string, PathFact>();
  const realRoot = await realpath(root);
  for (const [name, image] of Object.entries(config.images ?? {})) {
    const path = ['images', name];
    const ofProvisioners = listProvisioners(image ?? {}, path).flatMap(listWrittenPaths);
    for (const { text } of [...ofProvisioners, ...listImageFolders(image ?? {}, path)]) {
      if (!facts.has(text)) facts.set(text, await inspectPath(text, { root, realRoot }));
    }
  }
  return facts;
}

/** The paths among a provisioner's options. */
export function listWrittenPaths({ manifest, options, optionsPath }: WrittenProvisioner): readonly WrittenPath[] {
  return listPathOptions(manifest).flatMap((option): readonly WrittenPath[] => {
    const value = options[option];
    if (typeof value === 'string') return [{ text: value, path: [...optionsPath, option] }];
    if (!Array.isArray(value)) return [];
    return value.flatMap((text, index) =>
      typeof text === 'string' ? [{ text, path: [...optionsPath, option, index] }] : [],
    );
  });
}

interface Roots {
  readonly root: string;
  readonly realRoot: string;
}

async function inspectPath(text: string, { root, realRoot }: Roots): Promise<PathFact> {
  const absolute = path.resolve(root, text);
  // Decided by the text first, so that nothing outside of the folder is even looked at.
  if (path.isAbsolute(text) || !isInside(absolute, root)) return { kind: 'outside' };
  try {
    if (!isInside(await realpath(absolute), realRoot)) return { kind: 'outside-by-link' };
    const status = await stat(absolute);
    if (status.isFile()) return { kind: text.endsWith('/') ? 'missing' : 'file' };
    return { kind: status.isDirectory() ? 'folder' : 'special' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return { kind: 'unreadable' };
    const near = await findNearPath(text, { root, realRoot });
    return { kind: 'missing', ...(near && { near }) };
  }
}

/** A name in the same folder that was perhaps meant. */
async function findNearPath(text: string, { root, realRoot }: Roots): Promise<string | undefined> {
  const folder = path.resolve(root, path.dirname(text));
  try {
    if (!isInside(await realpath(folder), realRoot)) return undefined;
    const near = findNearest(path.basename(text), await readdir(folder));
    return near && path.join(path.dirname(text), near);
  } catch {
    return undefined;
  }
}

function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
