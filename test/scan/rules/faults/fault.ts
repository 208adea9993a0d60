import type { PolicyName } from '../../../../src/scan/finding.js';
import type { MemoryFile, MemoryFiles } from '../../../support/memory-tree.js';

export type Change = string | MemoryFile | undefined | ((before: MemoryFile) => MemoryFile);

/** One thing that is wrong with an image that is otherwise clean. */
export interface PlantedFault {
  readonly name: string;
  /** Name of a fixture; without it debian-12. */
  readonly on?: string;
  /** Policy under which it must show; without it marketplace. */
  readonly policy?: PolicyName;
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

export function withMode(mode: number): (before: MemoryFile) => MemoryFile {
  return (before) => ({ ...before, mode });
}

function toFile(file: string | MemoryFile | undefined): MemoryFile {
  return typeof file === 'string' ? { content: file } : (file ?? {});
}
