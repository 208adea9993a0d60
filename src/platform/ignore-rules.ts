// The patterns of .ebignore and .gitignore. https://git-scm.com/docs/gitignore

interface IgnoreRule {
  readonly pattern: RegExp;
  readonly isNegated: boolean;
  readonly isForFolders: boolean;
}

/** Whether a path is left out; a folder that is takes all below it along. */
export type IgnoreRules = (path: string, isFolder: boolean) => boolean;

/** Reads the text of an ignore file. The last rule that matches decides. */
export function parseIgnoreRules(text: string): IgnoreRules {
  const rules = text.split(/\r?\n/).flatMap(parseRule);
  return (path, isFolder) =>
    rules.reduce(
      (isIgnored, rule) => ((isFolder || !rule.isForFolders) && rule.pattern.test(path) ? !rule.isNegated : isIgnored),
      false,
    );
}

function parseRule(line: string): readonly IgnoreRule[] {
  const text = line.replace(/(?<!\\)\s+$/, '');
  if (text === '' || text.startsWith('#')) return [];
  const isNegated = text.startsWith('!');
  const body = text.slice(isNegated ? 1 : 0).replace(/^\\([#!])/, '$1');
  const isForFolders = body.endsWith('/');
  const trimmed = body.replace(/\/$/, '');
  // A slash at the start or in the middle ties the pattern to the folder of the file.
  const isAnchored = trimmed.includes('/');
  const source = translate(trimmed.replace(/^\//, ''));
  return [{ pattern: new RegExp(`^${isAnchored ? '' : '(?:.*/)?'}${source}$`), isNegated, isForFolders }];
}

function translate(pattern: string): string {
  return pattern.replace(
    /\*\*\/|\/\*\*|\*\*|\*|\?|\[[^\]]+\]|\\.|[.+^${}()|[\]\\]/g,
    (token) => TOKENS[token] ?? (token.startsWith('[') && token.length > 2 ? translateSet(token) : escape(token)),
  );
}

const TOKENS: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '/**': '/.*',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
};

function translateSet(token: string): string {
  return `[${token.slice(1, -1).replace(/^!/, '^').replaceAll('\\', '\\\\')}]`;
}

function escape(token: string): string {
  const character = token.startsWith('\\') ? token.slice(1) : token;
  return character.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
