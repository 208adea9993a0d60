import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { parseJson } from '../../config/parse-json.js';
import { createError } from '../../errors.js';
import { isRecord } from '../is-record.js';
import { toText } from '../to-text.js';
import { importPlatform } from './import-platform.js';
import { type LegacyTemplate, readLegacyTemplate, type Settings } from './legacy-template.js';

export interface ImportedSource {
  /** Absolute folder that paths of the template are relative to. */
  readonly folder: string;
  /** Absolute path of the template. */
  readonly file: string;
  readonly template: LegacyTemplate;
  readonly name: string;
  readonly platform?: Settings;
}

/**
 * A platform definition folder, a legacy JSON template or a .pkr.hcl file. The HCL parser is loaded only for the latter.
 * Throws IMPORT_NO_TEMPLATE, IMPORT_SYNTAX, IMPORT_NO_BUILDER.
 */
export async function readImportSource(path: string): Promise<ImportedSource> {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw createError('IMPORT_NO_TEMPLATE', [path]);
  const platform = status.isDirectory() ? readPlatform(path) : undefined;
  const file = platform?.file ?? (status.isDirectory() ? findOnlyTemplate(path) : path);
  const template = await readTemplate(file);
  if (!template.builders.some(({ type }) => type === 'amazon-ebs')) throw createError('IMPORT_NO_BUILDER', [file]);
  const name = platform?.name ?? basename(file).replace(/(?:\.pkr)?\.(?:hcl|json)$/, '');
  return { folder: dirname(file), file, template, name, ...(platform && { platform: platform.settings }) };
}

/** A text's digest stands for it where it is compared; a folder is the digests of what is below it. */
export function describePath(folder: string, path: string): string | undefined {
  const absolute = join(folder, path);
  const status = statSync(absolute, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  if (status.isFile()) {
    const content = readFileSync(absolute);
    const isText = content.length < 4096 && !content.includes(0);
    return isText ? JSON.stringify(content.toString('utf8')) : createHash('sha256').update(content).digest('hex');
  }
  const inner = readdirSync(absolute).sort();
  const parts = inner.map((name) => `${name}:${describePath(folder, join(path, name)) ?? ''}`);
  return `folder ${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16)}`;
}

/** Whether a path below `folder` is a folder; undefined when it is not there. */
export function isFolderIn(folder: string, path: string): boolean | undefined {
  return statSync(join(folder, path), { throwIfNoEntry: false })?.isDirectory();
}

function readPlatform(folder: string) {
  const file = join(folder, 'platform.yaml');
  if (!existsSync(file)) return undefined;
  // Every value as text: 16.10 is the number 16.1 otherwise.
  const yaml: unknown = readYaml(file);
  const provisioner = isRecord(yaml) && isRecord(yaml['provisioner']) ? yaml['provisioner'] : {};
  const template = join(folder, toText(provisioner['template'] ?? ''));
  if (!template.startsWith(join(folder, '/')) || !existsSync(template))
    throw createError('IMPORT_NO_TEMPLATE', [template]);
  const name = basename(folder);
  return { file: template, name, settings: importPlatform(yaml, name) };
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'), { schema: 'failsafe' });
  } catch (error) {
    throw createError('IMPORT_SYNTAX', [
      file,
      error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
    ]);
  }
}

function findOnlyTemplate(folder: string): string {
  const names = readdirSync(folder).filter((name) => /\.pkr\.hcl$|^(?:template|packer)\.json$/.test(name));
  const [name] = names;
  if (names.length !== 1 || name === undefined) throw createError('IMPORT_NO_TEMPLATE', [folder]);
  return join(folder, name);
}

async function readTemplate(file: string): Promise<LegacyTemplate> {
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.hcl')) return (await import('./hcl-template.js')).readHclTemplate(text, file);
  const { value, problems } = parseJson(text);
  const [problem] = problems;
  if (problem !== undefined) throw createError('IMPORT_SYNTAX', [file, problem.message]);
  return readLegacyTemplate(value);
}
