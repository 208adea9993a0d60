import { limits } from '../lib/limits.js';
import type { PlatformFinding } from './finding.js';

export interface ArchiveEntry {
  /** POSIX, without a slash at the end. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'special';
  readonly sizeBytes: number;
  readonly isExecutable: boolean;
  /** Where a link points. */
  readonly target?: string;
  /** The content of a file that has no more than so many bytes; rejects for a larger one. */
  read(maxBytes: number): Promise<Buffer>;
  /** Writes a file's content to a new file, piece by piece. */
  copyTo(path: string, mode: number): Promise<void>;
}

/** A platform definition as a folder or a zip file holds it. Nothing is ever unpacked. */
export interface PlatformArchive {
  readonly name: string;
  /** Entries that are safe to look at, by path. */
  readonly entries: ReadonlyMap<string, ArchiveEntry>;
  /** What is wrong with the container itself. */
  readonly findings: readonly PlatformFinding[];
  close(): void;
}

/** The EB CLI's limit, which is that of the service. */
export const MAX_ARCHIVE_MIB = limits.archiveBytes / 1024 ** 2;
export const MAX_ENTRIES = limits.archiveEntries;
/** No text that is looked into is larger. */
export const MAX_TEXT_BYTES = limits.archiveTextBytes;

/** Errors: Error when an entry has more bytes than its reader takes. */
export function assertSize({ path, sizeBytes }: Pick<ArchiveEntry, 'path' | 'sizeBytes'>, maxBytes: number): void {
  if (sizeBytes > maxBytes) throw new Error(`${path} has ${sizeBytes} bytes, more than ${maxBytes}`);
}
