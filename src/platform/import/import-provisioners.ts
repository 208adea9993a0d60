import { posix } from 'node:path';
import { isRecord } from '../is-record.js';
import { toText } from '../to-text.js';
import type { ImportDesk } from './imported.js';
import { askFor, importEnvironmentValue } from './imported-secrets.js';
import { toList, toReferences } from './imported-text.js';
import { takeOutSecrets } from './inline-secrets.js';
import type { Settings } from './legacy-template.js';

export interface ProvisionerFacts {
  readonly loginUser: string;
  readonly desk: ImportDesk;
}

/** Shell and file provisioners as entries of `provisioners`, in their order; a note for each of the others. */
export function importProvisioners(provisioners: readonly Settings[], facts: ProvisionerFacts): readonly Settings[] {
  return provisioners.flatMap((provisioner, index) => {
    noteMeta(provisioner, facts.desk);
    if (provisioner['type'] === 'shell') return importShell(provisioner, index, facts);
    if (provisioner['type'] === 'file') return importFile(provisioner, facts);
    facts.desk.notes.push(`provisioner ${toText(provisioner['type'])} is not carried over: write it as a shell script`);
    return [];
  });
}

const META = ['only', 'except', 'override', 'pause_before', 'max_retries', 'timeout', 'pause_after'];

function noteMeta(provisioner: Settings, { notes }: ImportDesk): void {
  for (const key of META.filter((each) => provisioner[each] !== undefined)) {
    notes.push(`${key} of provisioner ${toText(provisioner['type'])} is not carried over`);
  }
}

function importShell(provisioner: Settings, index: number, { desk }: ProvisionerFacts): readonly Settings[] {
  const inline = provisioner['inline'];
  const scripts = [...toPaths(provisioner['script']), ...toPaths(provisioner['scripts'])];
  const shared = {
    ...importEnvironment(provisioner['environment_vars'] ?? provisioner['env'], desk),
    runAs: findUser(provisioner['execute_command'], desk),
  };
  if (inline !== undefined) {
    const path = `scripts/${String(index + 1).padStart(2, '0')}-inline.sh`;
    // What Packer makes of inline lines.
    const shebang = toText(provisioner['inline_shebang'] ?? '/bin/sh -e');
    const lines = (Array.isArray(inline) ? inline : [inline]).map(toText);
    if (lines.some((line) => line.includes('{{')))
      desk.notes.push(`${path}: variables of Packer stand in its text; pass them by environment`);
    const { text, taken, removed } = takeOutSecrets(lines);
    for (const what of removed) desk.notes.push(`${path}: a secret was left out with its line (${what})`);
    desk.files.set(path, { text: `#!${shebang}\n${text}\n` });
    const asked = [...taken].map(([name, value]) => [name, askFor(name, value, desk)] as const);
    const environment = { ...shared.environment, ...Object.fromEntries(asked) };
    return [{ shell: { script: path, ...shared, ...(Object.keys(environment).length > 0 && { environment }) } }];
  }
  return scripts.flatMap((script) => {
    const path = takeFile(script, desk);
    return path === undefined ? [] : [{ shell: { script: path, ...shared } }];
  });
}

function importEnvironment(
  variables: unknown,
  desk: ImportDesk,
): { readonly environment?: Readonly<Record<string, string>> } {
  const entries = isRecord(variables)
    ? Object.entries(variables).map(([name, value]) => [name, toText(value)] as const)
    : (Array.isArray(variables) ? variables : []).map((each) => splitAssignment(toText(each)));
  const known = entries.filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (known.length < entries.length)
    desk.notes.push('an environment variable with a name that no shell takes was left out');
  return known.length > 0
    ? {
        environment: Object.fromEntries(
          known.map(([name, value]) => [name, importEnvironmentValue(name, value, desk)]),
        ),
      }
    : {};
}

function splitAssignment(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function findUser(command: unknown, { notes }: ImportDesk): 'root' | 'login-user' {
  if (command === undefined) return 'login-user';
  const text = toText(command);
  if (!/\bsudo\b/.test(text)) {
    notes.push(`execute_command ${JSON.stringify(text)} runs scripts in its own way; they now run as the login user`);
    return 'login-user';
  }
  if (/sudo\s+(?:-\S*\s+)*-u\s+(?!root\b)/.test(text))
    notes.push(`execute_command ${JSON.stringify(text)}: scripts now run as root`);
  return 'root';
}

function importFile(provisioner: Settings, { loginUser, desk }: ProvisionerFacts): readonly Settings[] {
  if (provisioner['direction'] === 'download') {
    desk.notes.push('a file provisioner that downloads is not carried over');
    return [];
  }
  const target = toReferences(toText(provisioner['destination'] ?? ''));
  const sources = [...toPaths(provisioner['source']), ...toPaths(provisioner['sources'])];
  return sources.flatMap((source) => {
    const path = takeFile(source, desk);
    if (path === undefined) return [];
    if (!target.startsWith('/')) {
      desk.notes.push(
        `the destination ${JSON.stringify(target)} of ${source} is not absolute: the upload was left out`,
      );
      return [];
    }
    const owner = /^[a-z_][a-z0-9_-]*$/.test(loginUser) ? { owner: `${loginUser}:${loginUser}` } : {};
    return [{ file: { source: path, destination: getDestination(source, target, desk), ...owner } }];
  });
}

/** As scp: a folder without a slash at its end goes into the destination, one with a slash lends its contents. */
function getDestination(source: string, target: string, { isFolder }: ImportDesk): string {
  if (isFolder(source) !== true || source.endsWith('/')) return target;
  return posix.join(target, posix.basename(source));
}

/** A file or folder of the source, to stand at the same path beside the config. */
function takeFile(source: string, desk: ImportDesk): string | undefined {
  const path = posix.normalize(source).replace(/(?<!\/)\/+$/, '');
  if (source.includes('{{') || path.startsWith('/') || path.split('/').includes('..')) {
    desk.notes.push(`${source} lies outside of the template's folder, or where is computed; it was left out`);
    return undefined;
  }
  if (desk.isFolder(path) === undefined) {
    desk.notes.push(`${source} is no file or folder below the template's folder; it was left out`);
    return undefined;
  }
  const { files, refused } = desk.listFiles(path);
  for (const file of refused) desk.notes.push(`${file} is no regular file of the template's folder; it was left out`);
  for (const file of files) desk.files.set(file, { copyOf: file });
  return path;
}

function toPaths(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(toText) : value === undefined ? [] : toList([value]);
}
