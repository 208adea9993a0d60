// Errors of Node are told by their fields, not by `instanceof`: they come from another realm under some test runners and
// in worker threads.

/** True for errors of a system call: ENOENT, EACCES, … */
export function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return typeof error === 'object' && error !== null && 'code' in error && 'syscall' in error;
}

/** True when a file, or a folder on the way to it, does not exist. */
export function isMissingError(error: unknown): boolean {
  return isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** True when a Buffer was read or allocated out of its range. */
export function isRangeError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'RangeError';
}

/** `EACCES: permission denied` as words for a report. */
export function describeSystemError(error: unknown): string {
  if (!isSystemError(error)) return String(error);
  return WORDS.get(error.code) ?? error.code;
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ELOOP', 'it became a symbolic link while it was read'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'it is no longer a folder'],
  ['ENOENT', 'it disappeared while it was read'],
  ['ENXIO', 'it is a FIFO, a socket or a device without an end to read'],
  ['ENAMETOOLONG', 'the path is longer than the system allows'],
  ['EIO', 'the medium reports an error'],
]);
