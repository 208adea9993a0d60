import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import { parseJson } from '../../config/parse-json.js';
import { createError } from '../../errors.js';
import { findSecrets } from '../../scan/rules/secrets/find-secrets.js';
import { isRecord } from '../is-record.js';
import { toText } from '../to-text.js';
import { importPlatform } from './import-platform.js';
import { type LegacyTemplate, readLegacyTemplate, type Settings } from './legacy-template.js';
import { openSourceFolder, type SourceFolder } from './source-folder.js';

export interface ImportedSource {
  /** What paths of the template are relative to, and may not leave. */
  readonly folder: SourceFolder;
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
  if (!status.isDirectory() && !status.isFile()) throw createError('IMPORT_NO_TEMPLATE', [path]);
  const folder = openSourceFolder(status.isDirectory() ? path : dirname(path));
  const platform = status.isDirectory() ? readPlatform(folder) : undefined;
  const file = platform?.file ?? (status.isDirectory() ? findOnlyTemplate(folder) : path);
  const template = await readTemplate(file);
  if (!template.builders.some(({ type }) => type === 'amazon-ebs')) throw createError('IMPORT_NO_BUILDER', [file]);
  const name = platform?.name ?? basename(file).replace(/(?:\.pkr)?\.(?:hcl|json)$/, '');
  return { folder, file, template, name, ...(platform && { platform: platform.settings }) };
}

/** A text's digest stands for it where it is compared; a folder is the digests of what is below it. */
export function describePath(folder: SourceFolder, path: string): string | undefined {
  const entry = folder.find(path);
  if (entry?.kind === 'file') {
    const content = readFileSync(entry.realPath);
    const isText = content.length < 4096 && !content.includes(0) && findSecrets(content.toString('utf8')).length === 0;
    return isText ? JSON.stringify(content.toString('utf8')) : digest(content);
  }
  if (entry === undefined) return undefined;
  const parts = folder.list(path).files.map((file) => `${relative(path, file)}:${describePath(folder, file) ?? ''}`);
  return `folder ${digest(parts.join('\n')).slice(0, 16)}`;
}

/** Whether a path below `folder` is a folder; undefined when nothing is there that may be read. */
export function isFolderIn(folder: SourceFolder, path: string): boolean | undefined {
  const entry = folder.find(path);
  return entry === undefined ? undefined : entry.kind === 'folder';
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function readPlatform(folder: SourceFolder) {
  const file = folder.find('platform.yaml');
  if (file?.kind !== 'file') return undefined;
  // Every value as text: 16.10 is the number 16.1 otherwise.
  const yaml: unknown = readYaml(file.realPath);
  const provisioner = isRecord(yaml) && isRecord(yaml['provisioner']) ? yaml['provisioner'] : {};
  const path = toText(provisioner['template'] ?? '');
  const template = folder.find(path);
  if (template?.kind !== 'file') throw createError('IMPORT_NO_TEMPLATE', [join(folder.path, path)]);
  const name = basename(folder.path);
  return { file: template.realPath, name, settings: importPlatform(yaml, name) };
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

function findOnlyTemplate(folder: SourceFolder): string {
  const names = readdirSync(folder.path).filter((name) => /\.pkr\.hcl$|^(?:template|packer)\.json$/.test(name));
  const [name] = names;
  const entry = name === undefined ? undefined : folder.find(name);
  if (names.length !== 1 || entry?.kind !== 'file') throw createError('IMPORT_NO_TEMPLATE', [folder.path]);
  return entry.realPath;
}

async function readTemplate(file: string): Promise<LegacyTemplate> {
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.hcl')) return (await import('./hcl-template.js')).readHclTemplate(text, file);
  const { value, problems } = parseJson(text);
  const [problem] = problems;
  if (problem !== undefined) throw createError('IMPORT_SYNTAX', [file, problem.message]);
  return readLegacyTemplate(value);
}
