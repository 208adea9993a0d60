import { stat } from 'node:fs/promises';
import path from 'node:path';
import { createError } from '../errors.js';

const CONFIG_FILE_NAMES = ['buildimg.yaml', 'buildimg.yml', 'buildimg.json', 'buildimg.ts'];

/**
 * The config in `directory`: buildimg.yaml, .yml, .json or .ts.
 * @throws CONFIG_NOT_FOUND if there is none, CONFIG_AMBIGUOUS if there is more than one
 */
export async function findConfigFile(directory: string): Promise<string> {
  const found: string[] = [];
  for (const name of CONFIG_FILE_NAMES) if (await exists(path.join(directory, name))) found.push(name);
  const [first, ...others] = found;
  if (first === undefined) throw createError('CONFIG_NOT_FOUND', [directory]);
  if (others.length > 0) throw createError('CONFIG_AMBIGUOUS', [directory, found.join(', ')]);
  return path.join(directory, first);
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}
