// What sshd ends up with: the first value of a keyword wins, lists collect, a Match block counts where it matches.
import { compileGlob } from '../../lib/globs/compile-glob.js';
import type { SshdCriterion, SshdDirective, SshdMatch } from './sshd-config.js';
import { findSshdDefault } from './sshd-defaults.js';

export interface SshdSubject {
  readonly user: string;
  /** Names of the groups that the user is in. */
  readonly groups: readonly string[];
  /** Client host and address where they are known (tests against `sshd -T -C`); otherwise such blocks do not apply. */
  readonly host?: string;
  readonly address?: string;
}

export interface SshdValue {
  /** Arguments joined by a blank, as `sshd -T` prints them. */
  readonly value: string;
  /** The directive that won; undefined for a compiled-in default. */
  readonly from: SshdDirective | undefined;
}

/** Keywords whose lines add up instead of the first one winning. */
const CUMULATIVE = new Set([
  'acceptenv',
  'allowgroups',
  'allowusers',
  'denygroups',
  'denyusers',
  'hostcertificate',
  'hostkey',
  'listenaddress',
  'port',
  'setenv',
  'subsystem',
]);

/** Read without asking whether there is a value already, so that the last line wins (seen with 9.2). */
const LAST_WINS = new Set(['maxstartups']);

/**
 * The value of `keyword` for a subject, as `sshd -T -C user=…` prints it.
 * @param version of OpenSSH, for its defaults: `9.2`; undefined takes those of a current one
 */
export function findSshdValue(
  directives: readonly SshdDirective[],
  keyword: string,
  { subject, version }: { subject: SshdSubject | undefined; version?: string | undefined },
): SshdValue | undefined {
  const applying = directives.filter(
    (directive) => directive.keyword === keyword && directive.values.length > 0 && applies(directive, subject),
  );
  // What matches is read into options of its own and then laid over the global ones, lists as a whole too
  // (copy_set_server_options in servconf.c): a Match block wins although it comes later.
  const matching = applying.filter((directive) => directive.conditions.length > 0);
  const deciding = matching.length > 0 ? matching : applying;
  const first = LAST_WINS.has(keyword) ? deciding.at(-1) : deciding[0];
  if (first === undefined) {
    const standard = findSshdDefault(keyword, version);
    return standard === undefined ? undefined : { value: standard, from: undefined };
  }
  const values = CUMULATIVE.has(keyword) ? deciding.flatMap((directive) => directive.values) : first.values;
  return { value: normalise(keyword, values), from: first };
}

/** Whether every Match block around the directive matches; undefined subject: only global directives apply. */
function applies(directive: SshdDirective, subject: SshdSubject | undefined): boolean {
  if (directive.conditions.length === 0) return true;
  return subject !== undefined && directive.conditions.every((match) => isMatching(match, subject));
}

function isMatching(match: SshdMatch, subject: SshdSubject): boolean {
  return match.criteria.length > 0 && match.criteria.every((criterion) => meets(criterion, subject));
}

function meets({ attribute, patterns }: SshdCriterion, subject: SshdSubject): boolean {
  switch (attribute) {
    case 'all':
      return true;
    case 'user':
      return matchesPatternList(subject.user, patterns);
    case 'group':
      return subject.groups.some((group) => matchesPatternList(group, patterns));
    case 'host':
      return subject.host !== undefined && matchesPatternList(subject.host.toLowerCase(), patterns.toLowerCase());
    case 'address':
      return subject.address !== undefined && matchesPatternList(subject.address, patterns);
    default:
      return false;
  }
}

/** match_pattern_list() of OpenSSH: `*`, `?`, and `!` that vetoes. */
export function matchesPatternList(text: string, list: string): boolean {
  let matched = false;
  for (const pattern of list.split(',')) {
    const negated = pattern.startsWith('!');
    if (!compileGlob(negated ? pattern.slice(1) : pattern, {})(text)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** Spellings that mean the same are made one; words of a fixed set are without case, paths and names are not. */
function normalise(keyword: string, values: readonly string[]): string {
  const joined = values.join(' ');
  if (/^(?:yes|no|true|false|none|any|all)$/i.test(joined)) {
    const word = joined.toLowerCase();
    return word === 'true' ? 'yes' : word === 'false' ? 'no' : word;
  }
  if (keyword === 'permitrootlogin') {
    return joined.toLowerCase() === 'without-password' ? 'prohibit-password' : joined.toLowerCase();
  }
  if (keyword === 'logingracetime' || keyword === 'clientaliveinterval') return toSeconds(joined);
  return keyword === 'loglevel' ? joined.toUpperCase() : joined;
}

/** `2m30s` → `150`. */
function toSeconds(text: string): string {
  const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  if (text === '' || !/^(?:\d+[smhdw])*\d*$/i.test(text)) return text;
  const parts = [...text.toLowerCase().matchAll(/(\d+)([smhdw]?)/g)];
  return String(parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 1), 0));
}
