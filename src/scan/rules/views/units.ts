import { type IniSetting, parseIni } from '../../parse/ini.js';
import type { FileEntry } from '../../tree/file-tree.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';

export interface UnitView {
  exists(name: string): boolean;
  /** Pulled in by a `.wants` or `.requires` link, under its own name or an alias, and not masked. */
  isEnabled(name: string): boolean;
  isMasked(name: string): boolean;
  /** Names of units with a link under /etc/systemd/system: what somebody enabled. */
  readonly enabled: ReadonlySet<string>;
  /** Settings of a unit and of its drop-ins, those of /etc last. */
  settingsOf(name: string): Promise<readonly UnitSetting[]>;
  /** Unit files and drop-ins under /etc/systemd/system and /usr/local/lib/systemd/system: those that no package brought. */
  readonly localFiles: readonly FileEntry[];
}

export interface UnitSetting extends IniSetting {
  readonly file: string;
}

const FOLDERS = [
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/usr/local/lib/systemd/system',
  '/etc/systemd/system',
];

/** Units and what starts them, read from links alone, as systemd does. */
export async function loadUnits(context: RuleContext): Promise<UnitView> {
  const { tree } = context;
  const enabled = new Set(linkedNames(context, '/etc/systemd/system'));
  const vendor = new Set([
    ...linkedNames(context, '/usr/lib/systemd/system'),
    ...linkedNames(context, '/lib/systemd/system'),
  ]);
  const exists = (name: string) => FOLDERS.some((folder) => findUnitFile(context, folder, name) !== undefined);
  const isMasked = (name: string) => {
    const local = tree.find(`/etc/systemd/system/${name}`);
    return local?.linkTarget === '/dev/null' || (local?.type === 'file' && local.size === 0);
  };
  return {
    exists,
    isMasked,
    enabled,
    isEnabled: (name) => (enabled.has(name) || vendor.has(name)) && exists(name) && !isMasked(name),
    settingsOf: async (name) => await readSettings(context, name),
    localFiles: expandGlob(tree, '{/etc,/usr/local/lib}/systemd/system/{*.service,*.socket,*.timer,*.d/*.conf}').filter(
      (entry) => entry.type === 'file',
    ),
  };
}

function linkedNames({ tree }: RuleContext, folder: string): readonly string[] {
  return expandGlob(tree, `${folder}/{*.wants,*.requires}/*`).map((entry) => nameOf(entry.path));
}

function findUnitFile({ tree }: RuleContext, folder: string, name: string): FileEntry | undefined {
  const template = name.replace(/^([^@]*@)[^.]*\./, '$1.');
  return tree.resolve(`${folder}/${name}`) ?? tree.resolve(`${folder}/${template}`);
}

async function readSettings(context: RuleContext, name: string): Promise<readonly UnitSetting[]> {
  const units = FOLDERS.toReversed().flatMap((folder) => findUnitFile(context, folder, name) ?? []);
  const dropIns = FOLDERS.flatMap((folder) => expandGlob(context.tree, `${folder}/${name}.d/*.conf`));
  const settings: UnitSetting[] = [];
  // The unit file of /etc hides that of /usr/lib; drop-ins of both add to it.
  for (const file of [...units.slice(0, 1), ...dropIns]) {
    const text = (await context.readText(file.path)) ?? '';
    settings.push(...parseIni(joinLines(text)).map((setting) => ({ ...setting, file: file.path })));
  }
  return settings;
}

/** A line that ends with a backslash goes on in the next one; the lines after it keep their numbers. */
function joinLines(text: string): string {
  const lines = text.split('\n');
  let start: number | undefined;
  for (const [at, line] of lines.entries()) {
    const goesOn = line.endsWith('\\');
    lines[at] = start === undefined ? line.replace(/\\$/, ' ') : '';
    if (start !== undefined) lines[start] += line.replace(/\\$/, ' ');
    start = goesOn ? (start ?? at) : undefined;
  }
  return lines.join('\n');
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
