// The index of a target: a million entries in about 120 MB. Columns of numbers instead of objects; an entry becomes an
// object when somebody looks at it. Entries are added in any order, parents first; `seal` sorts them once.

import { escapeBackslashes } from './entry-name.js';
import type { EntryType, FileEntry } from './file-tree.js';

export const ROOT = 0;

const TYPES: readonly EntryType[] = [
  'file',
  'directory',
  'symlink',
  'fifo',
  'socket',
  'character-device',
  'block-device',
];

/** One entry as its source found it. */
export interface NewEntry {
  /** Shown name; see entry-name.ts. */
  readonly name: string;
  /** The name's bytes as latin1, where they differ from `name`. */
  readonly rawName?: string;
  readonly type: EntryType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly modifiedAt: number;
  readonly linkTarget?: string;
  readonly attributes?: ReadonlyMap<string, Uint8Array>;
  /** Where the source finds the content again: an inode number, an offset. */
  readonly locator: number;
  /** Which of the source's volumes the locator belongs to. */
  readonly volume?: number;
}

/** Grows while a target is indexed, then is sealed and only read. Nodes are numbers; the root is 0. */
export class FileIndex {
  #count = 0;
  #names: string[] = [];
  #rawNames = new Map<number, string>();
  #linkTargets = new Map<number, string>();
  #attributes = new Map<number, ReadonlyMap<string, Uint8Array>>();
  #parents = new Int32Array(1024);
  #types = new Uint8Array(1024);
  #modes = new Uint16Array(1024);
  #uids = new Uint32Array(1024);
  #gids = new Uint32Array(1024);
  #volumes = new Uint16Array(1024);
  #sizes = new Float64Array(1024);
  #times = new Float64Array(1024);
  #locators = new Float64Array(1024);
  #childStart = new Int32Array(0);
  #children = new Int32Array(0);

  get count(): number {
    return this.#count;
  }

  /** Adds an entry below `parent` and gives its node. The first entry added is the root. */
  add(parent: number, entry: NewEntry): number {
    const node = this.#count;
    if (node === this.#parents.length) this.#grow();
    this.#count += 1;
    this.#names.push(entry.name);
    this.#parents[node] = parent;
    this.replace(node, entry);
    return node;
  }

  /** Gives a node new facts, keeping its place: a later entry of a tar stream wins, a mount covers its mount point. */
  replace(node: number, entry: Omit<NewEntry, 'name'>): void {
    this.#types[node] = TYPES.indexOf(entry.type);
    this.#modes[node] = entry.mode & 0o7777;
    this.#uids[node] = entry.uid;
    this.#gids[node] = entry.gid;
    this.#volumes[node] = entry.volume ?? 0;
    this.#sizes[node] = entry.size;
    this.#times[node] = entry.modifiedAt;
    this.#locators[node] = entry.locator;
    if (entry.rawName !== undefined) this.#rawNames.set(node, entry.rawName);
    if (entry.linkTarget === undefined) this.#linkTargets.delete(node);
    else this.#linkTargets.set(node, entry.linkTarget);
    if (entry.attributes !== undefined) this.#attributes.set(node, entry.attributes);
  }

  setAttributes(node: number, attributes: ReadonlyMap<string, Uint8Array>): void {
    this.#attributes.set(node, attributes);
  }

  /** Sorts the children of every directory by name. Gives the nodes whose name a sibling has already. */
  seal(): number[] {
    this.#groupByParent();
    const twins: number[] = [];
    for (let node = 0; node < this.#count; node += 1) {
      const siblings = this.childrenOf(node);
      if (siblings.length > 1) this.#sortSiblings(siblings, twins);
    }
    return twins;
  }

  /** Children in name order, as a view of the index. */
  childrenOf(node: number): Int32Array {
    return this.#children.subarray(this.#childStart[node] ?? 0, this.#childStart[node + 1] ?? 0);
  }

  /** The child of that name, or undefined. */
  findChild(node: number, name: string): number | undefined {
    const children = this.childrenOf(node);
    let low = 0;
    let high = children.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.nameOf(children[middle] ?? 0) < name) low = middle + 1;
      else high = middle;
    }
    const found = children[low];
    return found !== undefined && this.nameOf(found) === name ? found : undefined;
  }

  parentOf(node: number): number {
    return this.#parents[node] ?? ROOT;
  }

  nameOf(node: number): string {
    return this.#names[node] ?? '';
  }

  typeOf(node: number): EntryType {
    return TYPES[this.#types[node] ?? 0] ?? 'file';
  }

  linkTargetOf(node: number): string | undefined {
    return this.#linkTargets.get(node);
  }

  modeOf(node: number): number {
    return this.#modes[node] ?? 0;
  }

  sizeOf(node: number): number {
    return this.#sizes[node] ?? 0;
  }

  locatorOf(node: number): number {
    return this.#locators[node] ?? 0;
  }

  volumeOf(node: number): number {
    return this.#volumes[node] ?? 0;
  }

  /** Path as shown. */
  pathOf(node: number): string {
    return this.#joinPath(node, (each) => this.nameOf(each));
  }

  /** Path as its bytes, in latin1. */
  rawPathOf(node: number): string {
    return this.#joinPath(node, (each) => this.#rawNames.get(each) ?? this.nameOf(each));
  }

  /** The node as others see it. */
  entryOf(node: number, path: string): FileEntry {
    const linkTarget = this.#linkTargets.get(node);
    const attributes = this.#attributes.get(node);
    return {
      path,
      type: this.typeOf(node),
      mode: this.modeOf(node),
      uid: this.#uids[node] ?? 0,
      gid: this.#gids[node] ?? 0,
      size: this.sizeOf(node),
      modifiedAt: this.#times[node] ?? 0,
      ...(linkTarget === undefined ? {} : { linkTarget }),
      ...(attributes === undefined ? {} : { attributes }),
    };
  }

  #joinPath(node: number, nameOf: (node: number) => string): string {
    const names: string[] = [];
    for (let each = node; each !== ROOT; each = this.parentOf(each)) names.push(nameOf(each));
    return `/${names.toReversed().join('/')}`;
  }

  #grow(): void {
    const size = this.#parents.length * 2;
    this.#parents = copyInto(new Int32Array(size), this.#parents);
    this.#types = copyInto(new Uint8Array(size), this.#types);
    this.#modes = copyInto(new Uint16Array(size), this.#modes);
    this.#uids = copyInto(new Uint32Array(size), this.#uids);
    this.#gids = copyInto(new Uint32Array(size), this.#gids);
    this.#volumes = copyInto(new Uint16Array(size), this.#volumes);
    this.#sizes = copyInto(new Float64Array(size), this.#sizes);
    this.#times = copyInto(new Float64Array(size), this.#times);
    this.#locators = copyInto(new Float64Array(size), this.#locators);
  }

  /** A counting sort by parent: the children of a node end up side by side. */
  #groupByParent(): void {
    const start = new Int32Array(this.#count + 1);
    for (let node = 1; node < this.#count; node += 1) bump(start, this.parentOf(node) + 1, 1);
    for (let node = 0; node < this.#count; node += 1) bump(start, node + 1, start[node] ?? 0);
    const next = start.slice();
    this.#children = new Int32Array(Math.max(this.#count - 1, 0));
    for (let node = 1; node < this.#count; node += 1) {
      const parent = this.parentOf(node);
      this.#children[next[parent] ?? 0] = node;
      bump(next, parent, 1);
    }
    this.#childStart = start;
  }

  #sortSiblings(siblings: Int32Array, twins: number[]): void {
    // Among names that look alike, those with raw bytes come first and keep their name.
    const rank = (node: number) => (this.#rawNames.has(node) ? 0 : 1);
    const byName = (a: number, b: number) => compareNames(this.nameOf(a), this.nameOf(b)) || rank(a) - rank(b) || a - b;
    siblings.sort(byName);
    let kept = siblings[0] ?? 0;
    let renamed = false;
    for (const node of siblings.subarray(1)) {
      if (this.nameOf(node) === this.nameOf(kept)) {
        renamed = true;
        if (this.#renameTwin(node, kept)) twins.push(node);
      } else kept = node;
    }
    if (renamed) siblings.sort(byName);
  }

  /** Gives `node` a name of its own; true when it really has the name of `kept`, not only the look. */
  #renameTwin(node: number, kept: number): boolean {
    const name = this.nameOf(node);
    const raw = this.#rawNames.get(node) ?? name;
    const isTwin = raw === (this.#rawNames.get(kept) ?? name);
    this.#rawNames.set(node, raw);
    this.#names[node] = isTwin ? `${name}\\x00${node}` : escapeBackslashes(name);
    return isTwin;
  }
}

function copyInto<T extends { set(source: T): void }>(larger: T, source: T): T {
  larger.set(source);
  return larger;
}

function bump(counts: Int32Array, at: number, by: number): void {
  counts[at] = (counts[at] ?? 0) + by;
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
