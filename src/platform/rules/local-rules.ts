// What of a template happens on the machine that runs packer instead of on the instance. On the service that is a
// throw-away instance; in the sandbox it is the user's own machine.
import { posix } from 'node:path';
import type { ConfigPath } from '../../config/config-path.js';
import type { PlatformFinding } from '../finding.js';
import { isRecord } from '../is-record.js';
import type { ArchiveText } from '../read-text.js';

interface Setting {
  readonly key: string;
  readonly value: unknown;
  readonly at: ConfigPath;
}

/** PLATFORM_LOCAL_COMMAND and PLATFORM_LOCAL_PATH, a warning each. */
export function checkLocal(text: ArchiveText): readonly PlatformFinding[] {
  const root = listSettings(text.value, []);
  const named = (...keys: readonly string[]) => root.filter(({ key }) => keys.includes(key));
  const find = createFinder(text, readVariables(root));
  const provisioners = named('provisioners', 'error-cleanup-provisioner').flatMap(listItems);
  return [
    // Packer takes keys in any case, and of two spellings one by chance.
    ...root
      .filter(({ key, at }) => RUN_BY_PACKER.has(key) && at.at(-1) !== key)
      .map(({ at }) => find.command(at, `${String(at.at(-1))}, which is not written in small letters,`)),
    ...named('post-processors')
      .flatMap(listItems)
      .map(({ at }) => find.command(at, 'A post-processor')),
    ...provisioners.flatMap((each) => checkProvisioner(each, find)),
    ...named('builders')
      .flatMap(listItems)
      .flatMap(({ value, at }) =>
        listSettings(value, at).flatMap((setting) => (setting.key.endsWith('_file') ? find.paths(setting) : [])),
      ),
  ];
}

const RUN_BY_PACKER = new Set([
  'builders',
  'provisioners',
  'error-cleanup-provisioner',
  'post-processors',
  'variables',
]);

function checkProvisioner({ value, at }: Setting, find: Finder): readonly PlatformFinding[] {
  const own = listSettings(value, at);
  // `override` has the same settings once more, for one builder each.
  const overrides = own.filter(({ key }) => key === 'override').flatMap((each) => listSettings(each.value, each.at));
  const settings = [...own, ...overrides.flatMap((each) => listSettings(each.value, each.at))];
  const of = (...keys: readonly string[]) => settings.filter(({ key }) => keys.includes(key));
  const types = of('type');
  const foreign = types.find((type) => type.value !== 'shell' && type.value !== 'file');
  if (foreign !== undefined || types.length !== 1) {
    return [find.command(at, `A provisioner of type ${JSON.stringify(foreign?.value)}`)];
  }
  const downloads = of('direction').filter((direction) => direction.value !== 'upload');
  return [
    ...downloads.map((direction) => find.command(direction.at, 'A file provisioner that downloads')),
    ...(downloads.length > 0 ? of('destination') : []).flatMap(find.paths),
    ...of('script', 'scripts', 'source', 'sources')
      .filter(({ key }) => downloads.length === 0 || key.startsWith('script'))
      .flatMap(find.paths),
  ];
}

interface Finder {
  readonly command: (at: ConfigPath, what: string) => PlatformFinding;
  readonly paths: (setting: Setting) => readonly PlatformFinding[];
}

function createFinder(text: ArchiveText, variables: ReadonlyMap<string, string>): Finder {
  const folder = posix.dirname(text.path);
  return {
    command: (at, what) => text.find('PLATFORM_LOCAL_COMMAND', { at, severity: 'warning' }, [what]),
    paths: ({ value, at }) =>
      (Array.isArray(value) ? value : [value])
        .map((path) => (typeof path === 'string' ? path : JSON.stringify(path)))
        .filter((path) => isOutside(path, { folder, variables }))
        .map((path) => text.find('PLATFORM_LOCAL_PATH', { at, severity: 'warning' }, [JSON.stringify(path)])),
  };
}

/** Packer runs in the folder of the archive; what it computes otherwise nobody can tell. */
function isOutside(
  path: string,
  { folder, variables }: { readonly folder: string; readonly variables: ReadonlyMap<string, string> },
): boolean {
  const expanded = path
    .replaceAll(/\{\{\s*user\s+[`"](\w+)[`"]\s*\}\}/g, (whole, name: string) => variables.get(name) ?? whole)
    .replace(/^\{\{\s*template_dir\s*\}\}/, folder)
    .replace(/^\{\{\s*pwd\s*\}\}/, '.');
  if (expanded.includes('{{') || expanded.includes('\0') || /^[/~]/.test(expanded)) return true;
  return posix.normalize(expanded).split('/')[0] === '..';
}

function readVariables(root: readonly Setting[]): ReadonlyMap<string, string> {
  const entries = root.filter(({ key }) => key === 'variables').flatMap(({ value }) => Object.entries(value ?? {}));
  return new Map(entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])));
}

/** Keys as packer matches them. */
function listSettings(value: unknown, at: ConfigPath): readonly Setting[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).map(([key, each]) => ({ key: key.toLowerCase(), value: each, at: [...at, key] }));
}

/** Post-processors may stand in sequences, a list in the list. */
function listItems({ key, value, at }: Setting): readonly Setting[] {
  if (!Array.isArray(value)) return [{ key, value, at }];
  return value.flatMap((each: unknown, index) => listItems({ key, value: each, at: [...at, index] }));
}
