// Enough of sudoers(5) to say who may do what without a password: includes, continuation lines, user aliases, tags.

export interface SudoRule {
  /** Users, `%groups` and `#uids`, aliases resolved. */
  readonly subjects: readonly string[];
  readonly hasNopasswd: boolean;
  /** Whether the commands include `ALL`. */
  readonly allowsEverything: boolean;
  /** Absolute paths of programs that the rule names. */
  readonly commands: readonly string[];
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface Sudoers {
  readonly rules: readonly SudoRule[];
  /** `Defaults !authenticate` in any form. */
  readonly withoutAuthentication: readonly { readonly file: string; readonly line: number }[];
  readonly includes: readonly { readonly directory: boolean; readonly path: string }[];
}

/** The content of one sudoers file. Which files `@includedir` takes in: see isSudoersDropIn. */
export function parseSudoers(text: string, file: string): Sudoers {
  const lines = [...joinLines(text)];
  const aliases = new Map(lines.flatMap((each) => parseUserAliases(each.text)));
  return {
    rules: lines.flatMap((each) => parseRule(each, { file, aliases })),
    withoutAuthentication: lines
      .filter((each) => /^Defaults.*!\s*authenticate\b/.test(each.text))
      .map(({ line }) => ({ file, line })),
    includes: lines.flatMap(({ text: content }) => {
      const found = /^[#@](include|includedir)\s+(?:"([^"]+)"|([^"\s][^"]*))$/.exec(content);
      return found ? [{ directory: found[1] === 'includedir', path: found[2] ?? found[3] ?? '' }] : [];
    }),
  };
}

/** sudo skips names that end in `~` or contain a dot. */
export function isSudoersDropIn(name: string): boolean {
  return !name.endsWith('~') && !name.includes('.');
}

interface LogicalLine {
  readonly text: string;
  readonly line: number;
}

function* joinLines(text: string): Iterable<LogicalLine> {
  let pending = '';
  let start = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    if (pending === '') start = index + 1;
    if (raw.endsWith('\\')) {
      pending += `${raw.slice(0, -1)} `;
      continue;
    }
    const whole = (pending + raw).trim();
    pending = '';
    const content = isInclude(whole) ? whole : whole.replace(/(?:^|\s)#(?!\d).*$/s, '').trim();
    if (content !== '') yield { text: content, line: start };
  }
}

function isInclude(line: string): boolean {
  return /^[#@]include(?:dir)?\s/.test(line);
}

function parseUserAliases(line: string): readonly (readonly [string, readonly string[]])[] {
  const found = /^User_Alias\s+(.*)/.exec(line);
  return (found?.[1] ?? '').split(/(?<=\s):(?=\s)/).flatMap((definition) => {
    const [name = '', members] = definition.split('=');
    return members === undefined ? [] : [[name.trim(), members.split(',').map((member) => member.trim())] as const];
  });
}

function parseRule(
  { text, line }: LogicalLine,
  { file, aliases }: { file: string; aliases: ReadonlyMap<string, readonly string[]> },
): readonly SudoRule[] {
  if (/^(?:Defaults|User_Alias|Runas_Alias|Host_Alias|Cmnd_Alias|[#@]include)/.test(text)) return [];
  const border = text.indexOf('=');
  const named = border === -1 ? undefined : readSubjects(text.slice(0, border));
  if (named === undefined) return [];
  const commands = text.slice(border + 1);
  const subjects = named.flatMap((subject) => aliases.get(subject) ?? [subject]);
  return [
    {
      subjects,
      hasNopasswd: /\bNOPASSWD\s*:/.test(commands),
      allowsEverything: /(?:^|[\s,:)])ALL\s*(?:,|:|$)/.test(commands.replace(/\([^()]*\)/g, '')),
      commands: [...commands.matchAll(/(?:^|[\s,:)])(\/[^\s,:]+)/g)].map((command) => command[1] ?? ''),
      file,
      line,
    },
  ];
}

/** Users stand before hosts, each a list with commas: `alice, bob web1, web2`. Undefined where there are no hosts. */
function readSubjects(text: string): readonly string[] | undefined {
  const subjects: string[] = [];
  for (const part of text.split(',')) {
    const [, subject, host] = /^((?:[^\s\\]|\\.)+)\s*(.?)/.exec(part.trim()) ?? [];
    if (subject === undefined) return undefined;
    subjects.push(subject);
    if (host !== '') return subjects;
  }
  return undefined;
}
