import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createError } from '../errors.js';
import { limits } from '../lib/limits.js';
import type { ArchiveEntry } from '../platform/archive.js';
import type { PlatformFinding } from '../platform/finding.js';
import { parseIgnoreRules } from '../platform/ignore-rules.js';
import { lintArchive } from '../platform/lint-archive.js';
import { openArchive } from '../platform/open-archive.js';
import { zipArchive } from '../platform/zip-archive.js';

export interface PackedWorkspace {
  readonly bytes: Uint8Array;
  /** What `platform lint` warns of. */
  readonly warnings: readonly PlatformFinding[];
}

/**
 * Packs a platform's folder as the EB CLI does: all but `.elasticbeanstalk`, `*~`, and what .ebignore names, or .gitignore
 * where there is none.
 *
 * @throws PLATFORM_REFUSED with everything that lint calls an error
 */
export async function packWorkspace(
  folder: string,
  { region, signal }: { readonly region: string; readonly signal: AbortSignal },
): Promise<PackedWorkspace> {
  const archive = await openArchive(folder, signal);
  const findings = await lintArchive(archive, { region, signal });
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw createError('PLATFORM_REFUSED', [folder, errors.map(formatFinding).join('\n')]);
  const files = [];
  for (const entry of listSent(folder, [...archive.entries.values()])) {
    signal.throwIfAborted();
    files.push({
      path: entry.path,
      mode: entry.isExecutable ? 0o755 : 0o644,
      bytes: await entry.read(limits.archiveBytes),
    });
  }
  return { bytes: zipArchive(files), warnings: findings };
}

function formatFinding({ path, line, message, hint }: PlatformFinding): string {
  const place = [path, line].filter((part) => part !== undefined && part !== '').join(':');
  return `  ${place === '' ? '' : `${place}: `}${message}${hint === undefined ? '' : ` (${hint})`}`;
}

function listSent(folder: string, entries: readonly ArchiveEntry[]): readonly ArchiveEntry[] {
  const isIgnored = parseIgnoreRules(readIgnoreFile(folder));
  const isSent = ({ path, kind }: ArchiveEntry): boolean => {
    const parts = path.split('/');
    if (kind !== 'file' || parts[0] === '.elasticbeanstalk' || path === '.ebignore' || path.endsWith('~')) return false;
    const parents = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
    return !parents.some((parent) => isIgnored(parent, true)) && !isIgnored(path, false);
  };
  return entries.filter(isSent);
}

function readIgnoreFile(folder: string): string {
  for (const name of ['.ebignore', '.gitignore']) {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return '';
}
