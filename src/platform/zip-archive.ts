import { zipSync } from 'fflate';

export interface ArchiveFile {
  /** POSIX path inside the archive; never absolute, never `..`. */
  readonly path: string;
  /** Permissions, like 0o755. */
  readonly mode: number;
  readonly bytes: Uint8Array;
}

/**
 * The files as one zip. The same files give the same bytes wherever and whenever: entries are sorted, the time is the
 * first that the format can say, and fflate deflates in JavaScript, so that no zlib decides.
 */
export function zipArchive(files: readonly ArchiveFile[]): Uint8Array {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const entries = sorted.map(({ path, mode, bytes }) => [path, [bytes, describeEntry(mode)] as const] as const);
  return zipSync(Object.fromEntries(entries) as Parameters<typeof zipSync>[0]);
}

const UNIX = 3;
const REGULAR_FILE = 0o100000;

function describeEntry(mode: number) {
  return {
    level: 6,
    os: UNIX,
    attrs: ((REGULAR_FILE | mode) << 16) >>> 0,
    // From local fields: zip has no time zones, and fflate writes what the local clock shows.
    mtime: new Date(1980, 0, 1),
  } as const;
}
