// A stranger's archive becomes a folder: looked at whole, and only then written, each file below the folder and nowhere
// else. The rules are those of `platform lint`.

import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ErrorCode } from '../../errors.js';
import type { PlatformArchive } from '../../platform/archive.js';
import type { PlatformFinding } from '../../platform/finding.js';
import { isRecord } from '../../platform/is-record.js';
import { lintArchive } from '../../platform/lint-archive.js';
import { openArchive } from '../../platform/open-archive.js';
import { readPlatformYaml } from '../../platform/read-platform-yaml.js';
import type { OptionSetting, PlatformFacts } from '../world/service-records.js';

export interface PlatformDefinition {
  /** Path of the Packer template in the folder. */
  readonly template: string;
  readonly facts: PlatformFacts;
}

export interface UnpackOptions {
  /** An empty folder. */
  readonly folder: string;
  readonly region: string;
  /** Whether what the template runs on this machine instead of on the instance may run. */
  readonly allowsLocalCommands: boolean;
  readonly signal: AbortSignal;
}

/**
 * Unpacks a platform definition archive.
 *
 * @param file the zip file
 * @throws Error with everything that is wrong with the archive, a line each; nothing is written then
 */
export async function unpackPlatform(file: string, options: UnpackOptions): Promise<PlatformDefinition> {
  const archive = await openArchive(file, options.signal);
  try {
    const findings = await lintArchive(archive, options);
    const errors = findings.filter((finding) => isFatal(finding, options));
    if (errors.length > 0) throw new Error(errors.map(formatFinding).join('\n'));
    await writeFiles(archive, options);
    return await readDefinition(archive);
  } finally {
    archive.close();
  }
}

// What keeps a platform from being built at all. Other findings are traps on the real service, or for packer to judge; and
// one of them, an option that stands twice, the EB CLI itself makes of every platform.yaml with a ServiceRole.
const FATAL = new Set<ErrorCode>([
  'PLATFORM_YAML_MISSING',
  'PLATFORM_YAML_SYNTAX',
  'PLATFORM_YAML_VALUE',
  'PLATFORM_FILE_IS_FOLDER',
  'PLATFORM_FILE_TOO_LARGE',
  'PLATFORM_FLAVOR',
  'PLATFORM_TEMPLATE_MISSING',
  'PLATFORM_TEMPLATE_SYNTAX',
  'PLATFORM_SCRIPT_CRLF',
]);

// A folder that is written to file by file has no need for links, not even for those that stay inside.
function isFatal({ severity, code }: PlatformFinding, { allowsLocalCommands }: UnpackOptions): boolean {
  if (code === 'PLATFORM_LOCAL_COMMAND') return !allowsLocalCommands;
  if (code === 'PLATFORM_LOCAL_PATH') return true;
  return code.startsWith('ARCHIVE_') || (severity === 'error' && FATAL.has(code));
}

function formatFinding({ path, line, code, message, hint = '' }: PlatformFinding): string {
  const place = line === undefined ? path : `${path}:${line}`;
  const text = code === 'PLATFORM_LOCAL_COMMAND' ? `${message}; ${hint}` : message;
  return place === '' ? text : `${place}: ${text}`;
}

async function writeFiles(archive: PlatformArchive, { folder, signal }: UnpackOptions): Promise<void> {
  for (const entry of archive.entries.values()) {
    signal.throwIfAborted();
    if (entry.kind !== 'file') continue;
    const target = join(folder, entry.path);
    await mkdir(dirname(target), { recursive: true });
    await entry.copyTo(target, entry.isExecutable ? 0o755 : 0o644);
  }
}

async function readDefinition(archive: PlatformArchive): Promise<PlatformDefinition> {
  const yaml = await readPlatformYaml(archive);
  const provisioner = readRecord(yaml, 'provisioner');
  const template = provisioner['template'];
  if (typeof template !== 'string') throw new Error('platform.yaml: provisioner.template is missing');
  const metadata = Object.entries(readRecord(yaml, 'metadata')).map(([key, value]) => [key, formatValue(value)]);
  return {
    template,
    facts: {
      metadata: Object.fromEntries(metadata),
      optionDefinitions: readList(yaml, 'option_definitions').map((option) => ({
        namespace: formatValue(option['namespace']),
        name: formatValue(option['option_name']),
        value: formatValue(option['default_value']),
        description: formatValue(option['description']),
      })),
      optionSettings: readList(yaml, 'option_settings').map(
        (option): OptionSetting => ({
          namespace: formatValue(option['namespace']),
          name: formatValue(option['option_name']),
          value: formatValue(option['value']),
        }),
      ),
    },
  };
}

function readRecord(yaml: unknown, key: string): Readonly<Record<string, unknown>> {
  const value = isRecord(yaml) ? yaml[key] : undefined;
  return isRecord(value) ? value : {};
}

function readList(yaml: unknown, key: string): readonly Readonly<Record<string, unknown>>[] {
  const value = isRecord(yaml) ? yaml[key] : undefined;
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
