import { type CommandWord, expandWords, parseEnvironmentFile, splitWords } from '../../parse/command-words.js';
import { findLine } from '../../parse/lines.js';
import { parseSshdOptions, type SshdOptions } from '../../parse/sshd-options.js';
import type { RuleContext } from '../context.js';
import type { UnitSetting, UnitView } from './units.js';

export interface SshdStart extends SshdOptions {
  /** Why it cannot be told how sshd is started, and where that is said. */
  readonly undecided: { readonly path: string; readonly reason: string } | undefined;
}

/** Debian's name, which has the other one as an alias, and everybody else's. */
const UNITS = ['ssh.service', 'sshd.service'];
/** What scripts of /etc/init.d read, where no unit starts sshd. */
const DEFAULT_FILES = ['/etc/default/ssh', '/etc/sysconfig/sshd'];
const NO_OPTIONS: SshdOptions = { directives: [], configFile: undefined, hasPort: false };

/** How the target starts sshd: by its unit, the unit's drop-ins, and the environment that these name. */
export async function loadSshdStart(context: RuleContext): Promise<SshdStart> {
  const units = await context.units();
  const settings = await listServiceSettings(units);
  const command = lastCommand(settings);
  const environment = await loadEnvironment(context, settings);
  await reportOtherStarts(context, units);
  const place = { file: command?.file ?? '', line: command?.line ?? 0 };
  const [, prefix = '', text = ''] = /^([@:+!|-]*)(.*)$/s.exec(command?.value ?? 'sshd $SSHD_OPTS $OPTIONS') ?? [];
  const words = splitWords(text)?.map((each): CommandWord => ({ ...place, text: each }));
  const expanded = words && (prefix.includes(':') ? words : expandWords(words, environment));
  if (!expanded) return undecided(place.file, `a quote is not closed in the command line of sshd: ${text}`);
  // After `@` the second word is the name that the process gets.
  const [program, ...others] = prefix.includes('@') ? expanded.filter((_, index) => index !== 1) : expanded;
  if (!/(?:^|\/)sshd$/.test(program?.text ?? '')) {
    return undecided(place.file, `sshd is started by ${program?.text}, whose options cannot be told`);
  }
  return { ...parseSshdOptions(others), undecided: undefined };
}

function undecided(path: string, reason: string): SshdStart {
  return { ...NO_OPTIONS, undecided: { path, reason } };
}

async function listServiceSettings(units: UnitView): Promise<readonly UnitSetting[]> {
  const settings: UnitSetting[] = [];
  // Drop-ins of the other name count as well.
  for (const name of UNITS.filter((each) => !units.isMasked(each))) {
    const files = new Set(settings.map(({ file }) => file));
    settings.push(...(await units.settingsOf(name)).filter(({ file }) => !files.has(file)));
  }
  return settings.filter(({ section }) => section === 'Service');
}

/** An empty ExecStart takes back those before it. What a distribution's own unit runs in place of sshd says nothing about it. */
function lastCommand(settings: readonly UnitSetting[]): UnitSetting | undefined {
  const command = settings.findLast(({ key }) => key === 'ExecStart');
  if (command === undefined || command.value === '') return undefined;
  return /^(?:\/usr)?\/lib\//.test(command.file) && !command.value.includes('/sshd') ? undefined : command;
}

/** Files win over `Environment=`, and later ones over earlier ones. */
async function loadEnvironment(
  context: RuleContext,
  settings: readonly UnitSetting[],
): Promise<ReadonlyMap<string, CommandWord>> {
  const environment = new Map<string, CommandWord>();
  for (const { key, value, file, line } of settings) {
    if (key !== 'Environment') continue;
    if (value === '') environment.clear();
    for (const word of splitWords(value) ?? []) {
      const [name = '', ...rest] = word.split('=');
      environment.set(name, { text: rest.join('='), file, line });
    }
  }
  for (const path of listEnvironmentFiles(settings)) {
    const text = (await context.readText(path)) ?? '';
    for (const { name, value, line } of parseEnvironmentFile(text))
      environment.set(name, { text: value, file: path, line });
  }
  return environment;
}

function listEnvironmentFiles(settings: readonly UnitSetting[]): readonly string[] {
  if (lastCommand(settings) === undefined) return DEFAULT_FILES;
  const files = settings.filter(({ key }) => key === 'EnvironmentFile').map(({ value }) => value);
  return files.slice(files.lastIndexOf('') + 1).map((value) => value.replace(/^-/, ''));
}

/** A unit of the owner's that starts another sshd, which the rules do not look at. */
async function reportOtherStarts(context: RuleContext, units: UnitView): Promise<void> {
  for (const { path } of units.localFiles) {
    if (/\/sshd?\.service(?:\.d\/|$)/.test(path)) continue;
    const text = (await context.readText(path)) ?? '';
    if (findLine(text, /^[ \t]*ExecStart[ \t]*=.*\/sshd(?:\s|$)/) === undefined) continue;
    context.reportGap(path, 'this unit starts an sshd of its own, whose settings were not judged');
  }
}
