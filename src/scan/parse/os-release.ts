import { findLast, parseAssignments } from './key-values.js';

export type OsFamily = 'debian' | 'redhat' | 'suse' | 'other';

export interface OsRelease {
  /** `debian`, `ubuntu`, `amzn`, `rhel`, … */
  readonly id: string;
  /** `12`, `24.04`, `2023`, `9.4`; empty where there is none (Debian unstable). */
  readonly versionId: string;
  readonly prettyName: string;
  readonly family: OsFamily;
}

/** The content of /etc/os-release. */
export function parseOsRelease(text: string): OsRelease {
  const pairs = parseAssignments(text);
  const id = findLast(pairs, 'ID')?.value.toLowerCase() ?? 'linux';
  const like = findLast(pairs, 'ID_LIKE')?.value.toLowerCase() ?? '';
  const versionId = findLast(pairs, 'VERSION_ID')?.value ?? '';
  const prettyName = findLast(pairs, 'PRETTY_NAME')?.value ?? `${id} ${versionId}`.trim();
  return { id, versionId, prettyName, family: familyOf([id, ...like.split(/\s+/)]) };
}

function familyOf(names: readonly string[]): OsFamily {
  if (names.some((name) => name === 'debian' || name === 'ubuntu')) return 'debian';
  if (names.some((name) => /^(?:rhel|fedora|centos|amzn|rocky|almalinux|ol)$/.test(name))) return 'redhat';
  if (names.some((name) => /^(?:sles|suse|opensuse.*)$/.test(name))) return 'suse';
  return 'other';
}
