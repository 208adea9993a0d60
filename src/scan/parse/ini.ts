import { listLines } from './lines.js';

export interface IniSetting {
  /** Empty before the first section. */
  readonly section: string;
  readonly key: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

/** `[section]` and `key = value`: systemd units, yum.repos.d, nmconnection, .aws/config. `;` comments too. */
export function parseIni(text: string): readonly IniSetting[] {
  const settings: IniSetting[] = [];
  let section = '';
  for (const { text: content, line } of listLines(text)) {
    const header = /^\[(.*)\]$/.exec(content);
    const found = /^([^=;[\]]+)=\s*(.*)/.exec(content);
    if (header) section = header[1] ?? '';
    else if (found) settings.push({ section, key: found[1]?.trimEnd() ?? '', value: found[2] ?? '', line });
  }
  return settings;
}
