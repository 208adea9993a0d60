import { listLines } from './lines.js';

export interface SysctlSetting {
  /** With dots: `net.ipv4.tcp_syncookies`. */
  readonly key: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

/** One sysctl.d file. A leading `-` (ignore errors) is dropped; `net/ipv4/x` and `net.ipv4.x` are the same. */
export function parseSysctl(text: string): readonly SysctlSetting[] {
  return [...listLines(text)].flatMap(({ text: content, line }) => {
    const found = /^-?\s*([^=\s;][^=]*)=\s*(.*)/.exec(content);
    if (!found) return [];
    return [{ key: (found[1]?.trimEnd() ?? '').replaceAll('/', '.'), value: (found[2] ?? '').trim(), line }];
  });
}

/** Folders of sysctl.d(5): a name in an earlier one hides the same name in a later one. */
export const SYSCTL_FOLDERS = [
  '/etc/sysctl.d',
  '/run/sysctl.d',
  '/usr/local/lib/sysctl.d',
  '/usr/lib/sysctl.d',
  '/lib/sysctl.d',
];

/** The files that count, in the order in which they are applied: by name over all folders, the last setting wins. */
export function orderSysctlFiles(paths: readonly string[]): readonly string[] {
  const byName = new Map<string, string>();
  for (const folder of SYSCTL_FOLDERS) {
    for (const path of paths) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (path === `${folder}/${name}` && !byName.has(name)) byName.set(name, path);
    }
  }
  return [...byName].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, path]) => path);
}
