// sshd_config as OpenSSH 9 reads it (servconf.c): keywords without case, `key value` or `key=value`, quotes, trailing
// comments; Include globs are read in place; a Match block ends with its file. What wins is decided in sshd-effective.ts.

export interface SshdMatch {
  /** As written after `Match`. */
  readonly text: string;
  readonly criteria: readonly SshdCriterion[];
  readonly file: string;
  readonly line: number;
}

export interface SshdCriterion {
  /** `user`, `group`, `host`, `address`, `localaddress`, `localport`, `rdomain`, `all`, … in lower case. */
  readonly attribute: string;
  /** Comma-separated patterns; empty for `all`. */
  readonly patterns: string;
}

export interface SshdDirective {
  /** In lower case, aliases resolved: `challengeresponseauthentication` is `kbdinteractiveauthentication`. */
  readonly keyword: string;
  readonly values: readonly string[];
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The Match blocks that all must match; empty for a global directive. */
  readonly conditions: readonly SshdMatch[];
}

/** Where the files of a configuration come from: a tree, or in tests the disk. */
export interface SshdFiles {
  read(path: string): Promise<string | undefined>;
  /** Paths that match an absolute glob, in lexical order. */
  glob(pattern: string): readonly string[];
}

/** glibc and sshd both stop at 16 levels of Include. */
const MAX_INCLUDE_DEPTH = 16;
/** A file that includes itself ten times is a hundred files at the second level, and more than there is time for at the 16th. */
const MAX_INCLUDED_FILES = 1000;

const ALIASES: Readonly<Record<string, string>> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
  keyboardinteractiveauthentication: 'kbdinteractiveauthentication',
  dsaauthentication: 'pubkeyauthentication',
  hostdsakey: 'hostkey',
  authorizedkeysfile2: 'authorizedkeysfile',
  pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
  hostbasedacceptedkeytypes: 'hostbasedacceptedalgorithms',
};

/** Every directive of `path` and of the files it includes, in the order in which sshd meets them. */
export async function parseSshdConfig(files: SshdFiles, path: string): Promise<readonly SshdDirective[]> {
  return await readConfigFile(files, { path, conditions: [], depth: 0, budget: { files: MAX_INCLUDED_FILES } });
}

interface ConfigFile {
  readonly path: string;
  readonly conditions: readonly SshdMatch[];
  readonly depth: number;
  /** Files that may still be read; one for the whole configuration. */
  readonly budget: { files: number };
}

async function readConfigFile(files: SshdFiles, file: ConfigFile): Promise<readonly SshdDirective[]> {
  const text = await files.read(file.path);
  if (text === undefined) return [];
  const directives: SshdDirective[] = [];
  let conditions = file.conditions;
  for (const [index, raw] of text.split('\n').entries()) {
    const parsed = parseSshdDirective(raw);
    if (!parsed) continue;
    const place = { file: file.path, line: index + 1 };
    if (parsed.keyword === 'match') {
      conditions = [...file.conditions, { ...place, ...parseMatch(parsed.values) }];
    } else if (parsed.keyword === 'include') {
      directives.push(...(await readIncludes(files, { ...file, conditions }, parsed.values)));
    } else {
      directives.push({ ...parsed, ...place, conditions });
    }
  }
  return directives;
}

async function readIncludes(
  files: SshdFiles,
  from: ConfigFile,
  patterns: readonly string[],
): Promise<readonly SshdDirective[]> {
  if (from.depth >= MAX_INCLUDE_DEPTH) return [];
  const directives: SshdDirective[] = [];
  for (const pattern of patterns) {
    // Relative to /etc/ssh whatever folder the including file is in (SSHDIR in servconf.c).
    const absolute = pattern.startsWith('/') ? pattern : `/etc/ssh/${pattern}`;
    for (const path of files.glob(absolute)) {
      if (from.budget.files === 0) return directives;
      from.budget.files -= 1;
      directives.push(...(await readConfigFile(files, { ...from, path, depth: from.depth + 1 })));
    }
  }
  return directives;
}

/** Keyword and arguments of a line, or of what `-o` gives; undefined for blank lines and comments. */
export function parseSshdDirective(raw: string): { keyword: string; values: readonly string[] } | undefined {
  const found = /^\s*"?([^\s="#]+)"?(?:\s*=\s*|\s+|$)(.*)$/s.exec(raw.replace(/\r$/, ''));
  if (!found) return undefined;
  const keyword = (found[1] ?? '').toLowerCase();
  return { keyword: ALIASES[keyword] ?? keyword, values: splitArguments(found[2] ?? '') };
}

/** argv_split() of OpenSSH: quotes of both kinds, backslash escapes for quotes and itself, `#` starts a comment. */
function splitArguments(text: string): readonly string[] {
  const values: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\' && isEscapable(text.charAt(at + 1), quote)) {
      at += 1;
      word = (word ?? '') + text.charAt(at);
    } else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) values.push(word);
      word = undefined;
    } else if (quote === '' && word === undefined && character === '#') return values;
    else if (character === quote || (quote === '' && /["']/.test(character))) {
      quote = quote === '' ? character : '';
      word ??= '';
    } else word = (word ?? '') + character;
  }
  // sshd refuses a line with an open quote.
  return word === undefined || quote !== '' ? values : [...values, word];
}

function isEscapable(character: string, quote: string): boolean {
  return character === '"' || character === "'" || character === '\\' || (character === ' ' && quote === '');
}

function parseMatch(values: readonly string[]): { text: string; criteria: readonly SshdCriterion[] } {
  const criteria: SshdCriterion[] = [];
  for (let index = 0; index < values.length; ) {
    const [attribute = '', attached] = (values[index] ?? '').split(/=(.*)/s);
    const takesValue = !/^(?:all|invalid-user)$/i.test(attribute);
    const patterns = takesValue ? (attached ?? values[index + 1] ?? '') : '';
    criteria.push({ attribute: attribute.toLowerCase(), patterns });
    index += takesValue && attached === undefined ? 2 : 1;
  }
  return { text: values.join(' '), criteria };
}
