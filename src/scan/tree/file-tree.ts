// The one view that rules have of a target: an index of every entry, and content on demand. A tree never leads outside
// of its target: links are resolved against the target's own root, devices and FIFOs are named but never opened.

export type EntryType = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'character-device' | 'block-device';

export interface FileEntry {
  /** Absolute inside the target, normalised, POSIX: `/etc/shadow`. Bytes that are not UTF-8 are escaped as `\xNN`. */
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits with setuid, setgid and sticky: 0o0000 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; for a symlink the length of its target. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly modifiedAt: number;
  /** As stored, unresolved; only for symlinks. */
  readonly linkTarget?: string;
  /** Names of extended attributes that matter (`security.capability`), with their raw value. */
  readonly attributes?: ReadonlyMap<string, Uint8Array>;
}

export interface FileTree {
  /** What was scanned, in the user's words: a path, `ssh://…`, `ami-…`. */
  readonly target: string;
  /** Entries in path order. The root itself is `/`. */
  entries(): Iterable<FileEntry>;
  /** The entry at exactly this path, not following a final symlink. */
  find(path: string): FileEntry | undefined;
  /** The entry that the path leads to, following symlinks inside the target; undefined for dangling or looping ones. */
  resolve(path: string): FileEntry | undefined;
  /** Direct children of a directory (links followed), in name order; empty when there is none. */
  list(path: string): readonly FileEntry[];
  /**
   * The first `maxBytes` of a regular file. Never blocks on anything but a regular file.
   * Errors: SCAN_READ_FAILED with path when the medium is damaged.
   */
  read(entry: FileEntry, maxBytes: number): Promise<Buffer>;
  /** Things that could not be read while indexing (damaged directory, too deep, over a limit); shown in the report. */
  readonly gaps: readonly TreeGap[];
  close(): Promise<void>;
}

export interface TreeGap {
  readonly path: string;
  readonly reason: string;
  /**
   * Where it is more or less than a place: `volume`, a partition, filesystem or disk as a whole; `later`, content that
   * this look leaves to the scan of the captured image.
   */
  readonly kind?: 'volume' | 'later';
}
