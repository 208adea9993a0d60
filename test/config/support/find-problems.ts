import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigInvalidError } from '../../../src/config/config-invalid-error.js';
import { type LoadRequest, loadConfig } from '../../../src/config/load-config.js';
import type { Problem } from '../../../src/config/problem.js';
import type { ResolvedConfig } from '../../../src/config/resolved-config.js';

type LoadOptions = Omit<Partial<LoadRequest>, 'file'>;

/** The problems that loading `file` ends in; none if it loads. Any other error is thrown on. */
export async function findProblems(file: string, options: LoadOptions = {}): Promise<readonly Problem[]> {
  try {
    await loadConfig({ environment: {}, ...options, file });
    return [];
  } catch (error) {
    if (error instanceof ConfigInvalidError) return error.problems;
    throw error;
  }
}

/** Runs `use` with the path of a config of its own that holds `text`, and removes it. */
export async function withConfig<T>(text: string | Buffer, use: (file: string) => Promise<T>, name = 'buildimg.yaml') {
  const folder = await mkdtemp(path.join(tmpdir(), 'buildimg-config-'));
  try {
    const file = path.join(folder, name);
    await writeFile(file, text);
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Loads a config that holds `text`. */
export async function loadText(text: string, options: LoadOptions = {}, name?: string): Promise<ResolvedConfig> {
  return withConfig(text, (file) => loadConfig({ environment: {}, ...options, file }), name);
}

/** The problems of a config that holds `text`. */
export async function findProblemsInText(
  text: string | Buffer,
  options: LoadOptions = {},
): Promise<readonly Problem[]> {
  return withConfig(text, (file) => findProblems(file, options));
}
