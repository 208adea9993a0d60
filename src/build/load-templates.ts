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
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.path, entry.name)));
  const templates = new Map<string, string>();
  for (const name of names.sort()) {
    const own = await readOwnTemplate(join(root, 'templates', name));
    templates.set(name, own ?? (await readFile(join(folder, name), 'utf8')));
  }
  return templates;
}

async function readOwnTemplate(path: string): Promise<string | undefined> {
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
