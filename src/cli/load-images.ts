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

/** Loads the config that the command line names or the folder holds, and picks images from it. */
export async function loadImages(
  cli: CliContext,
  { names, variables }: { readonly names: readonly string[]; readonly variables: Readonly<Record<string, string>> },
): Promise<LoadedImages> {
  const { configFile, currentDirectory, environment } = cli;
  const file =
    configFile === undefined ? await findConfigFile(currentDirectory) : resolve(currentDirectory, configFile);
  const config = await loadConfig({ file, variables, environment });
  cli.output.hideSecrets(config.secrets);
  return { config, images: names.length === 0 ? config.images : names.map((name) => getImage(config, name)) };
}

function getImage(config: ResolvedConfig, name: string): ResolvedImage {
  const image = config.images.find((candidate) => candidate.name === name);
  if (image === undefined) {
    throw createError('IMAGE_UNKNOWN', [name, config.images.map((candidate) => candidate.name).join(', ')]);
  }
  return image;
}
