import path from 'node:path';
import { createError } from '../errors.js';
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
import { placeScript, runTypeScript } from './run-typescript.js';

export interface LoadRequest {
  /** A .yaml, .yml, .json or .ts file. */
  readonly file: string;
  /** From --var. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether a config that is a program may run, and what of the environment it sees; by default `listed`. */
  readonly scripts?: ScriptPolicy;
  /** Secret variables need no value: nothing that is done with the config writes or uses it. */
  readonly withoutSecrets?: boolean;
}

/** `listed`: only variables that hold no secret. `trusted`: all of them. */
export type ScriptPolicy = 'refused' | 'listed' | 'trusted';

/** Whether a config of this name is a program. */
export function isScript(file: string): boolean {
  return SCRIPT_EXTENSIONS.has(path.extname(file).toLowerCase());
}

/** What a program sees that nobody has looked at: where things are, and in which language. */
const LISTED_VARIABLES = /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ|TMPDIR|NODE_ENV|CI)$/;

/**
 * Reads, checks and resolves a config.
 * @throws ConfigInvalidError with every mistake at once; CONFIG_FILE_MISSING, CONFIG_UNREADABLE CONFIG_TOO_LARGE or CONFIG_SCRIPT_REFUSED
 */
export async function loadConfig({
  file,
  variables = {},
  environment,
  withoutSecrets = false,
  scripts = 'listed',
}: LoadRequest): Promise<ResolvedConfig> {
  const absoluteFile = path.resolve(file);
  const { text, problems } = await readConfigFile(file);
  const fail = (
    source: Pick<ConfigSource, 'text' | 'locate'>,
    drafts: readonly ProblemDraft[],
    secrets: readonly string[],
  ) => new ConfigInvalidError(file, placeProblems(drafts, { file, source, secrets }));
  if (problems.length > 0) throw fail({ text, locate: () => ({ start: 0, end: 1 }) }, problems, []);

  if (scripts === 'refused' && isScript(file)) throw createError('CONFIG_SCRIPT_REFUSED', [file]);
  const seen = Object.entries(environment).filter(([name]) => scripts === 'trusted' || LISTED_VARIABLES.test(name));
  const source = isScript(file)
    ? await runTypeScript(absoluteFile, text, Object.fromEntries(seen))
    : parseSource(absoluteFile, text);
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
  return isScript(file) ? placeScript(text) : parseSource(file, text);
}

function parseSource(file: string, text: string): ConfigSource {
  return path.extname(file).toLowerCase() === '.json' ? parseJson(text) : parseYaml(text, 'yaml');
}

const SCRIPT_EXTENSIONS: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs']);
