import path from 'node:path';
import { checkConfig } from './check-config.js';
import { ConfigInvalidError } from './config-invalid-error.js';
import type { ConfigSource } from './config-source.js';
import { parseJson } from './parse-json.js';
import { parseYaml } from './parse-yaml.js';
import { placeProblems } from './place-problems.js';
import type { ProblemDraft } from './problem.js';
import { readConfigFile } from './read-config-file.js';
import { resolveConfig } from './resolve-config.js';
import type { ResolvedConfig } from './resolved-config.js';
import { runTypeScript } from './run-typescript.js';

export interface LoadRequest {
  /** A .yaml, .yml, .json or .ts file. */
  readonly file: string;
  /** From --var. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Secret variables need no value: nothing that is done with the config writes or uses it. */
  readonly withoutSecrets?: boolean;
}

/**
 * Reads, checks and resolves a config.
 * @throws ConfigInvalidError with every mistake at once; CONFIG_FILE_MISSING, CONFIG_UNREADABLE or CONFIG_TOO_LARGE
 */
export async function loadConfig({
  file,
  variables = {},
  environment,
  withoutSecrets = false,
}: LoadRequest): Promise<ResolvedConfig> {
  const absoluteFile = path.resolve(file);
  const { text, problems } = await readConfigFile(file);
  const fail = (
    source: Pick<ConfigSource, 'text' | 'locate'>,
    drafts: readonly ProblemDraft[],
    secrets: readonly string[],
  ) => new ConfigInvalidError(file, placeProblems(drafts, { file, source, secrets }));
  if (problems.length > 0) throw fail({ text, locate: () => ({ start: 0, end: 1 }) }, problems, []);

  const source = await parseSource(absoluteFile, text);
  const checked = await checkConfig(source, {
    root: path.dirname(absoluteFile),
    given: variables,
    environment,
    ...(withoutSecrets && { standIn: (name: string) => `value of the secret variable ${name}` }),
  });
  if (checked.problems.length > 0) throw fail(source, checked.problems, checked.secrets);
  const { config, secrets, secretUses } = checked;
  return resolveConfig(config, { file: absoluteFile, secrets, secretUses });
}

/** A config that was loaded before, once more as it is written: to place problems in it that show only later. */
export async function openConfigSource(file: string): Promise<ConfigSource> {
  const { text } = await readConfigFile(file);
  return parseSource(file, text);
}

async function parseSource(file: string, text: string): Promise<ConfigSource> {
  const extension = path.extname(file).toLowerCase();
  if (SCRIPT_EXTENSIONS.has(extension)) return runTypeScript(file, text);
  return extension === '.json' ? parseJson(text) : parseYaml(text, 'yaml');
}

const SCRIPT_EXTENSIONS: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs']);
