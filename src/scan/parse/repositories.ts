import { parseIni } from './ini.js';
import { listLines } from './lines.js';

export interface Repository {
  readonly url: string;
  /** Why packages from here are not checked against a key; undefined where they are. */
  readonly unsigned: string | undefined;
  /** From 1. */
  readonly line: number;
}

/** `sources.list`: one line a repository. */
export function parseAptSources(text: string): readonly Repository[] {
  return [...listLines(text)].flatMap(({ text: content, line }) => {
    const found = /^deb(?:-src)?\s+(?:\[([^\]]*)\]\s+)?(\S+)/.exec(content);
    if (!found) return [];
    const options = found[1] ?? '';
    const unsigned = /\b(?:trusted|allow-insecure|allow-weak)\s*=\s*yes/i.exec(options)?.[0];
    return [{ url: found[2] ?? '', unsigned, line }];
  });
}

/** `*.sources` (deb822): a paragraph a repository. */
export function parseDeb822Sources(text: string): readonly Repository[] {
  const repositories: Repository[] = [];
  let paragraphUnsigned: string | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw.trim() === '') paragraphUnsigned = undefined;
    if (/^(?:Trusted|Allow-Insecure|Allow-Weak):\s*yes/i.test(raw)) {
      paragraphUnsigned = raw.trim();
      repositories.push({ url: '', unsigned: paragraphUnsigned, line: index + 1 });
    }
    for (const url of /^URIs:\s*(.*)/i.exec(raw)?.[1]?.split(/\s+/) ?? []) {
      repositories.push({ url, unsigned: undefined, line: index + 1 });
    }
  }
  return repositories;
}

/** `yum.repos.d/*.repo`; repositories with enabled=0 are left out. */
export function parseYumRepositories(text: string): readonly Repository[] {
  const settings = parseIni(text);
  const disabled = new Set(
    settings.filter((each) => each.key === 'enabled' && each.value === '0').map((each) => each.section),
  );
  return settings
    .filter((each) => !disabled.has(each.section))
    .flatMap(({ key, value, line }): readonly Repository[] => {
      if (key === 'gpgcheck' && /^(?:0|no|false|off)$/i.test(value)) return [{ url: '', unsigned: 'gpgcheck=0', line }];
      return /^(?:baseurl|mirrorlist|metalink)$/.test(key) ? [{ url: value, unsigned: undefined, line }] : [];
    });
}
