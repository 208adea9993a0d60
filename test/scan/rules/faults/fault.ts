import type { PolicyName } from '../../../../src/scan/finding.js';
import type { FileTree } from '../../../../src/scan/tree/file-tree.js';
import { aLayeredTree, type MemoryFile, type MemoryFiles, readMemoryFile } from '../../../support/memory-tree.js';

export type Change = string | MemoryFile | undefined | ((before: MemoryFile) => MemoryFile);

/** One thing that is wrong with an image that is otherwise clean. */
export interface PlantedFault {
  readonly name: string;
  /** Name of a fixture; without it debian-12. */
  readonly on?: string;
  /** Policy under which it must show; without it marketplace. */
  readonly policy?: PolicyName;
  /** Why it is not planted into real root file systems, where there is a reason. */
  readonly fixturesOnlyBecause?: string;
  /** What is planted: a file, a change of one, or undefined to remove it. */
  readonly plant: Readonly<Record<string, Change>>;
  readonly expect: { readonly check: string; readonly path?: string; readonly line?: number };
}

/** The fixture with the fault in it. */
export function plantFault(files: MemoryFiles, fault: PlantedFault): MemoryFiles {
  const planted: Record<string, string | MemoryFile> = { ...files };
  for (const [path, change] of Object.entries(fault.plant)) {
    if (change === undefined) delete planted[path];
    else planted[path] = typeof change === 'function' ? change(toFile(files[path])) : change;
  }
  return planted;
}

/** A real tree with the fault over it. What is to be changed or removed has to be there. */
export async function plantOver(tree: FileTree, { plant }: PlantedFault): Promise<FileTree> {
  const changes: Record<string, MemoryFile | undefined> = {};
  for (const [path, change] of Object.entries(plant)) {
    const before = await readMemoryFile(tree, path);
    if (change === undefined && before === undefined) throw new Error(`${path} is not there to be removed`);
    changes[path] =
      typeof change === 'function' ? change(before ?? {}) : change === undefined ? change : toFile(change);
  }
  return aLayeredTree(tree, changes);
}

export function append(text: string): (before: MemoryFile) => MemoryFile {
  return (before) => ({ ...before, content: `${String(before.content ?? '')}${text}` });
}

export function replace(from: string, to: string): (before: MemoryFile) => MemoryFile {
  return (before) => {
    const content = String(before.content ?? '');
    if (!content.includes(from)) throw new Error(`"${from}" is not in the file that the fault changes`);
    return { ...before, content: content.replace(from, to) };
  };
}

/** Sets a keyword of a configuration whose first value counts, where it is or at the end. */
export function setting(keyword: string, value: string): (before: MemoryFile) => MemoryFile {
  return (before) => {
    const content = String(before.content ?? '');
    const line = new RegExp(`^${keyword} .*$`, 'm');
    const text = `${keyword} ${value}`;
    return { ...before, content: line.test(content) ? content.replace(line, text) : `${content}${text}\n` };
  };
}

export function withMode(mode: number): (before: MemoryFile) => MemoryFile {
  return (before) => ({ ...before, mode });
}

/** A path of a fixture as a file: text alone is its content. */
export function toFile(file: string | MemoryFile | undefined): MemoryFile {
  return typeof file === 'string' ? { content: file } : (file ?? {});
}
