// The header of an installed package as rpm stores it: an index of tags, and a store of values (rpm's docs/manual/hregions).

export interface RpmPackage {
  readonly name: string;
  /** `[epoch:]version-release`. */
  readonly version: string;
  /** Empty for the pseudo-packages that hold keys. */
  readonly architecture: string;
  /** Name of the source package's file: `bash-5.2.15-1.amzn2023.0.2.src.rpm`. */
  readonly source: string;
  readonly license: string;
  readonly files: readonly RpmFile[];
}

export interface RpmFile {
  readonly path: string;
  /** In hexadecimal; empty for folders and links. */
  readonly digest: string;
  readonly algorithm: 'md5' | 'sha256' | 'other';
  readonly isConfiguration: boolean;
}

const TAG = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  license: 1014,
  architecture: 1022,
  digests: 1035,
  flags: 1037,
  source: 1044,
  directoryIndexes: 1116,
  baseNames: 1117,
  directories: 1118,
  digestAlgorithm: 5011,
} as const;
const INT32 = 4;
const CONFIGURATION_FLAG = 1;
/** Numbers of OpenPGP (RFC 9580). Old packages have MD5 and do not say so. */
const ALGORITHMS: ReadonlyMap<number, RpmFile['algorithm']> = new Map([
  [1, 'md5'],
  [8, 'sha256'],
]);

/** One blob of the table Packages. Errors: RangeError where it is damaged. */
export function parseRpmHeader(blob: Buffer): RpmPackage {
  const header = readIndex(blob);
  const [epoch] = readNumbers(header, TAG.epoch);
  const version = `${readText(header, TAG.version)}-${readText(header, TAG.release)}`;
  return {
    name: readText(header, TAG.name),
    version: epoch === undefined ? version : `${epoch}:${version}`,
    architecture: readText(header, TAG.architecture),
    source: readText(header, TAG.source),
    license: readText(header, TAG.license),
    files: readFiles(header),
  };
}

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

interface Header {
  readonly entries: ReadonlyMap<number, Entry>;
  readonly store: Buffer;
}

function readIndex(blob: Buffer): Header {
  const count = blob.readUInt32BE(0);
  const entries = new Map<number, Entry>();
  for (let at = 8; at < 8 + count * 16; at += 16) {
    const entry = {
      type: blob.readUInt32BE(at + 4),
      offset: blob.readUInt32BE(at + 8),
      count: blob.readUInt32BE(at + 12),
    };
    entries.set(blob.readUInt32BE(at), entry);
  }
  return { entries, store: blob.subarray(8 + count * 16) };
}

function readFiles(header: Header): readonly RpmFile[] {
  const names = readTexts(header, TAG.baseNames);
  const directories = readTexts(header, TAG.directories);
  const indexes = readNumbers(header, TAG.directoryIndexes);
  const digests = readTexts(header, TAG.digests);
  const flags = readNumbers(header, TAG.flags);
  const algorithm = ALGORITHMS.get(readNumbers(header, TAG.digestAlgorithm)[0] ?? 1) ?? 'other';
  return names.map((name, index) => ({
    path: `${directories[indexes[index] ?? 0] ?? '/'}${name}`,
    digest: digests[index] ?? '',
    algorithm,
    isConfiguration: ((flags[index] ?? 0) & CONFIGURATION_FLAG) !== 0,
  }));
}

function readText(header: Header, tag: number): string {
  return readTexts(header, tag)[0] ?? '';
}

function readTexts({ entries, store }: Header, tag: number): readonly string[] {
  const { offset, count } = entries.get(tag) ?? { offset: 0, count: 0 };
  const texts: string[] = [];
  for (let at = offset; texts.length < count; ) {
    const end = store.indexOf(0, at);
    if (end < 0) throw new RangeError('a text of the header has no end');
    texts.push(store.toString('utf8', at, end));
    at = end + 1;
  }
  return texts;
}

function readNumbers({ entries, store }: Header, tag: number): readonly number[] {
  const entry = entries.get(tag);
  if (entry?.type !== INT32) return [];
  if (entry.offset + entry.count * 4 > store.length) throw new RangeError('a number of the header lies outside of it');
  return Array.from({ length: entry.count }, (_, index) => store.readUInt32BE(entry.offset + index * 4));
}
