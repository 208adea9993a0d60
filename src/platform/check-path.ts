import { posix } from 'node:path';
import type { ArchiveEntry } from './archive.js';
import { makeFinding, type PlatformFinding } from './finding.js';

/** Whether unpacking an entry of this name could write outside of the folder that it is unpacked to. */
export function isPathUnsafe(path: string): boolean {
  return (
    path === '' ||
    path.startsWith('/') ||
    path.includes('\0') ||
    // Windows takes both slashes, and a drive's letter.
    path.includes('\\') ||
    /^[A-Za-z]:/.test(path) ||
    path.split('/').includes('..')
  );
}

/** What is wrong with a link; nothing for other entries. */
export function findLinkProblem({ path, kind, target = '' }: ArchiveEntry): readonly PlatformFinding[] {
  if (kind !== 'link') return [];
  const landing = posix.normalize(posix.join(posix.dirname(path), target));
  if (target.startsWith('/') || isPathUnsafe(landing)) {
    return [makeFinding('ARCHIVE_LINK_ESCAPES', { path }, [path, target])];
  }
  return [makeFinding('ARCHIVE_LINK', { path, severity: 'warning' }, [path, target])];
}
