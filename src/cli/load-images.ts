import { resolve } from 'node:path';
import { findConfigFile } from '../config/find-config-file.js';
import { isScript, loadConfig, type ScriptPolicy } from '../config/load-config.js';
import type { ResolvedConfig, ResolvedImage } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import type { CliContext } from './cli-context.js';
import { isTrustedConfig } from './trusted-configs.js';

export interface LoadedImages {
  readonly config: ResolvedConfig;
  /** Those that were named, in that order; all when none was. */
  readonly images: readonly ResolvedImage[];
}

export interface ImageChoice {
  readonly names: readonly string[];
  /** From --var. */
  readonly variables: Readonly<Record<string, string>>;
  /** See LoadRequest. */
  readonly withoutSecrets?: boolean;
}

/** Loads the config that the command line names or the folder holds, and picks images from it. */
export async function loadImages(
  cli: CliContext,
  { names, variables, withoutSecrets = false }: ImageChoice,
): Promise<LoadedImages> {
  const file = await findChosenConfig(cli);
  const scripts = await chooseScriptPolicy(file, cli);
  const config = await loadConfig({ file, variables, environment: cli.environment, withoutSecrets, scripts });
  cli.output.hideSecrets(config.secrets);
  return { config, images: names.length === 0 ? config.images : names.flatMap((name) => getImages(config, name)) };
}

/** The config that the command line names, or the one of the folder. Throws CONFIG_FILE_MISSING and its like. */
export async function findChosenConfig({ configFile, currentDirectory }: CliContext): Promise<string> {
  return configFile === undefined ? findConfigFile(currentDirectory) : resolve(currentDirectory, configFile);
}

/** Says that a program runs, where nobody has said yet that it may see everything. */
async function chooseScriptPolicy(file: string, { environment, noScripts, output }: CliContext): Promise<ScriptPolicy> {
  if (!isScript(file)) return 'listed';
  if (noScripts || !['', '0', undefined].includes(environment['BUILDIMG_NO_SCRIPTS'])) return 'refused';
  if (await isTrustedConfig(file, environment)) return 'trusted';
  output.progress(
    `note: ${file} is a program and runs as you, without the variables of your environment; buildimg trust gives it those`,
  );
  return 'listed';
}

/** One, or all that an entry with a matrix stands for. */
function getImages(config: ResolvedConfig, name: string): readonly ResolvedImage[] {
  const images = config.images.filter((candidate) => [candidate.name, candidate.entry].includes(name));
  if (images.length === 0) {
    throw createError('IMAGE_UNKNOWN', [name, config.images.map((candidate) => candidate.name).join(', ')]);
  }
  return images;
}
