import { posix } from 'node:path';
import { toText } from '../to-text.js';
import type { TemplateSide } from './compare-templates.js';
import { expandValue } from './expand-value.js';
import { toList } from './imported-text.js';
import type { Settings } from './legacy-template.js';

export interface StepFacts {
  /** Text or digest of a file of the template's folder; of a folder, of all below it; undefined when it is not there. */
  readonly describePath: (path: string) => string | undefined;
  /** Whether a path is a folder. */
  readonly isFolder: (path: string) => boolean | undefined;
}

/** What the provisioners do, one line each, the same line for the same thing however it is written. */
export function describeSteps(side: TemplateSide): readonly string[] {
  return side.template.provisioners.flatMap((provisioner) => {
    if (provisioner['type'] === 'file') return describeFile(provisioner, side);
    if (provisioner['type'] === 'shell') return describeShell(provisioner, side);
    return [`provisioner ${toText(provisioner['type'])}`];
  });
}

/** Where buildimg uploads everything at once; what happens with it is told by the steps after it. */
const UPLOAD_DIR = '/tmp/buildimg-upload';

function describeFile(provisioner: Settings, side: TemplateSide): readonly string[] {
  const destination = expandValue(provisioner['destination'] ?? '', side);
  if (destination.startsWith(UPLOAD_DIR)) return [];
  const sources = [...asPaths(provisioner['source']), ...asPaths(provisioner['sources'])];
  return sources.map((source) => {
    const isWhole = side.isFolder(source) === true && !source.endsWith('/');
    const target = isWhole ? posix.join(destination, posix.basename(source)) : destination;
    return `upload ${side.describePath(source) ?? `missing ${source}`} to ${target.replace(/(?<=[^/])\/+$/, '')}`;
  });
}

function describeShell(provisioner: Settings, side: TemplateSide): readonly string[] {
  const environment = readEnvironment(provisioner, side);
  const inline = asPaths(provisioner['inline']);
  const own = findOwnCommand(inline);
  if (own !== undefined) return describeOwn(own, environment, side);
  const user = /\bsudo\b/.test(toText(provisioner['execute_command'] ?? '')) ? 'root' : 'the login user';
  const settings = [...environment].map(([name, value]) => `${name}=${value}`).sort();
  const tail = `as ${user}${settings.length > 0 ? ` with ${settings.join(' ')}` : ''}`;
  if (inline.length > 0) {
    const shebang = toText(provisioner['inline_shebang'] ?? '/bin/sh -e');
    return [`run ${JSON.stringify(['#!'.concat(shebang), ...inline, ''].join('\n'))} ${tail}`];
  }
  const scripts = [...asPaths(provisioner['script']), ...asPaths(provisioner['scripts'])];
  return scripts.map((script) => `run ${side.describePath(script) ?? `missing ${script}`} ${tail}`);
}

/** The command by which a rendered template runs what was uploaded. */
function findOwnCommand(inline: readonly string[]): string | undefined {
  return inline.find((line) => line.includes(UPLOAD_DIR));
}

function describeOwn(command: string, environment: ReadonlyMap<string, string>, side: TemplateSide): readonly string[] {
  if (command.includes('mkdir')) return [];
  const destination = environment.get('BUILDIMG_DESTINATION');
  const source = environment.get('BUILDIMG_SOURCE')?.slice(UPLOAD_DIR.length + 1);
  if (destination !== undefined && source !== undefined) {
    return [
      `upload ${side.describePath(source) ?? `missing ${source}`} to ${destination.replace(/(?<=[^/])\/+$/, '')}`,
    ];
  }
  const name = /provisioners\/([^/]+)\.sh/.exec(command)?.[1];
  return [`provisioner ${name ?? command}`];
}

function readEnvironment(provisioner: Settings, side: TemplateSide): ReadonlyMap<string, string> {
  const variables = toList(provisioner['environment_vars']).map((each) => expandValue(each, side));
  return new Map(variables.map((each) => [each.split('=')[0] ?? '', each.slice(each.indexOf('=') + 1)]));
}

function asPaths(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(toText) : value === undefined ? [] : [toText(value)];
}
