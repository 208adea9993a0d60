import { constants, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { chmod, copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArchiveEntry, assertSize, MAX_ARCHIVE_MIB, MAX_ENTRIES, type PlatformArchive } from './archive.js';
import { findLinkProblem } from './check-path.js';
import { makeFinding, type PlatformFinding } from './finding.js';

/** Folders that neither the EB CLI nor a person sends. */
const SKIPPED: ReadonlySet<string> = new Set(['.git']);
const MIB = 1024 * 1024;

/** A folder as an archive. Links are not followed. */
export function readFolder(folder: string, signal: AbortSignal): PlatformArchive {
  const entries = new Map<string, ArchiveEntry>();
  const findings: PlatformFinding[] = [];
  const walk = (path: string): void => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      signal.throwIfAborted();
      if (SKIPPED.has(name) || entries.size > MAX_ENTRIES) continue;
      const entry = describeEntry(folder, path === '' ? name : `${path}/${name}`);
      entries.set(entry.path, entry);
      findings.push(...findLinkProblem(entry));
      if (entry.kind === 'folder') walk(entry.path);
      if (entry.kind === 'special') findings.push(makeFinding('ARCHIVE_SPECIAL_FILE', entry, [entry.path]));
    }
  };
  walk('');
  const total = [...entries.values()].reduce((sum, entry) => sum + entry.sizeBytes, 0);
  if (entries.size > MAX_ENTRIES) findings.push(makeFinding('ARCHIVE_TOO_MANY_ENTRIES', { path: '' }, [MAX_ENTRIES]));
  if (total > MAX_ARCHIVE_MIB * MIB) {
    const place = { path: '', severity: 'warning' } as const;
    findings.push(makeFinding('ARCHIVE_TOO_LARGE', place, [Math.ceil(total / MIB), MAX_ARCHIVE_MIB]));
  }
  return { name: folder, entries, findings, close: () => undefined };
}

function describeEntry(folder: string, path: string): ArchiveEntry {
  const absolute = join(folder, path);
  const status = lstatSync(absolute);
  const isLink = status.isSymbolicLink();
  return {
    path,
    kind: isLink ? 'link' : status.isDirectory() ? 'folder' : status.isFile() ? 'file' : 'special',
    sizeBytes: status.isFile() ? status.size : 0,
    isExecutable: (status.mode & 0o111) !== 0,
    ...(isLink ? { target: readlinkSync(absolute) } : {}),
    async read(maxBytes) {
      assertSize({ path, sizeBytes: status.size }, maxBytes);
      return await readFile(absolute);
    },
    async copyTo(target, mode) {
      await copyFile(absolute, target, constants.COPYFILE_EXCL);
      await chmod(target, mode);
    },
  };
}
