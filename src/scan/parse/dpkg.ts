export interface DpkgPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** The source package, for matching with advisories; the name where the field is missing. */
  readonly source: string;
  /** MD5 of configuration files as shipped, by path. */
  readonly conffiles: ReadonlyMap<string, string>;
}

/** Installed packages of /var/lib/dpkg/status; those removed but not purged are left out. */
export function parseDpkgStatus(text: string): readonly DpkgPackage[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const fields = parseParagraph(paragraph);
    const name = fields.get('package');
    if (name === undefined || !fields.get('status')?.endsWith(' installed')) return [];
    return [
      {
        name,
        version: fields.get('version') ?? '',
        architecture: fields.get('architecture') ?? '',
        source: (fields.get('source') ?? name).replace(/ .*/, ''),
        conffiles: parseConffiles(fields.get('conffiles') ?? ''),
      },
    ];
  });
}

/** `info/NAME.md5sums`: digest by absolute path. */
export function parseMd5sums(text: string): readonly (readonly [path: string, md5: string])[] {
  return text.split('\n').flatMap((line) => {
    const found = /^([0-9a-f]{32}) [ *](.+)$/.exec(line);
    return found ? [[`/${found[2] ?? ''}`, found[1] ?? ''] as const] : [];
  });
}

function parseParagraph(paragraph: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of paragraph.split('\n')) {
    const found = /^([A-Za-z][\w-]*):\s*(.*)/.exec(line);
    if (found) {
      last = (found[1] ?? '').toLowerCase();
      fields.set(last, found[2] ?? '');
    } else if (line.startsWith(' ')) fields.set(last, `${fields.get(last) ?? ''}\n${line.trim()}`);
  }
  return fields;
}

function parseConffiles(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const found = /^(\/\S+) ([0-9a-f]{32})(?! obsolete)/.exec(line);
      return found ? [[found[1] ?? '', found[2] ?? ''] as const] : [];
    }),
  );
}
