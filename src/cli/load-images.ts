import { resolve } from 'node:path';
import { findConfigFile } from '../config/find-config-file.js';
import { loadConfig } from '../config/load-config.js';
import type { ResolvedConfig, ResolvedImage } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import type { CliContext } from './cli-context.js';

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
  const { configFile, currentDirectory, environment } = cli;
  const file =
    configFile === undefined ? await findConfigFile(currentDirectory) : resolve(currentDirectory, configFile);
  const config = await loadConfig({ file, variables, environment, withoutSecrets });
  cli.output.hideSecrets(config.secrets);
  return { config, images: names.length === 0 ? config.images : names.flatMap((name) => getImages(config, name)) };
}

/** One, or all that an entry with a matrix stands for. */
function getImages(config: ResolvedConfig, name: string): readonly ResolvedImage[] {
  const images = config.images.filter((candidate) => [candidate.name, candidate.entry].includes(name));
  if (images.length === 0) {
    throw createError('IMAGE_UNKNOWN', [name, config.images.map((candidate) => candidate.name).join(', ')]);
  }
  return images;
}
