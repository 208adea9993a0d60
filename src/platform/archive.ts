import type { PlatformFinding } from './finding.js';

export interface ArchiveEntry {
  /** POSIX, without a slash at the end. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'special';
  readonly sizeBytes: number;
  readonly isExecutable: boolean;
  /** Where a link points. */
  readonly target?: string;
  /** The content of a file; rejects for anything else. */
  read(): Promise<Buffer>;
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
export const MAX_ARCHIVE_MIB = 512;
export const MAX_ENTRIES = 10_000;
/** No text that is looked into is larger. */
const MAX_TEXT_KIB = 1024;
export const MAX_TEXT_BYTES = MAX_TEXT_KIB * 1024;
