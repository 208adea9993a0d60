import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createError } from '../errors.js';
import { findTemplatesDir } from '../plugins/find-package-folder.js';
import type { TextTemplates } from '../render/text-template.js';
import { hasErrorCode } from './has-error-code.js';

/** A template is a page of text; more is a mistake. */
const MAX_TEMPLATE_CHARACTERS = 256 * 1024;

/**
 * The text templates of buildimg by their path in templates/, each replaced by the one of the same name in
 * `root`/templates/ if there is one.
 */
export async function loadTextTemplates(root: string): Promise<TextTemplates> {
  const folder = findTemplatesDir();
  const templates = new Map<string, string>();
  for (const name of await listTemplateNames(folder)) {
    templates.set(name, await readFile(join(folder, name), 'utf8'));
  }
  return new Map([...templates, ...(await loadOwnTemplates(root))]);
}

/** Only those of `root`/templates/ that replace one of buildimg's. Throws TEMPLATE_INVALID when one is too large. */
export async function loadOwnTemplates(root: string): Promise<TextTemplates> {
  const templates = new Map<string, string>();
  for (const name of await listTemplateNames(findTemplatesDir())) {
    const text = await findOwnTemplate(findOwnTemplateFile(root, name));
    if (text !== undefined) templates.set(name, text);
  }
  return templates;
}

/** Where the one of `root` stands that would replace `name`. */
export function findOwnTemplateFile(root: string, name: string): string {
  return join(root, 'templates', name);
}

async function listTemplateNames(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => relative(folder, join(entry.path, entry.name))).sort();
}

async function findOwnTemplate(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > MAX_TEMPLATE_CHARACTERS)
      throw createError('TEMPLATE_INVALID', [path, 'it is larger than 256 KiB']);
    return text;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
