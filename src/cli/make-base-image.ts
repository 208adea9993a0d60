import { createError } from '../errors.js';
import type { BaseImage } from '../sandbox/image/base-image.js';
import { buildBaseImage } from '../sandbox/image/build-base-image.js';
import { type RegisteredBaseImage, registerBaseImage } from '../sandbox/world/base-images.js';
import type { CliContext } from './cli-context.js';
import { findBaseImageCache, findSandboxPaths } from './sandbox-session.js';

/** Builds the base image of a system, or takes it from the cache, and makes it known to the sandbox. */
export async function makeBaseImage(os: string, cli: CliContext, signal: AbortSignal): Promise<RegisteredBaseImage> {
  if (os !== 'debian-12' && os !== 'debian-13') {
    throw createError('SANDBOX_SYSTEM_UNSUPPORTED', [os]);
  }
  const onProgress = (line: string): void => cli.output.progress(`  ${line}`);
  const made = await buildBaseImage({ os, cacheDir: findBaseImageCache(cli), signal, onProgress });
  return register(made, cli);
}

/** Makes a finished base image known to the sandbox. */
export async function register(made: BaseImage, cli: CliContext): Promise<RegisteredBaseImage> {
  return registerBaseImage(findSandboxPaths(cli), {
    ...made,
    description: `Base image of ${made.os} for the sandbox`,
    createdAt: new Date(cli.now()).toISOString(),
  });
}
