import { listPlatformWarnings } from '../config/platform-warnings.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import type { CliContext } from './cli-context.js';

/** Says what is no mistake of the config and still has to be known. */
export function showPlatformWarnings(images: readonly ResolvedImage[], { output }: CliContext): void {
  for (const image of images) {
    for (const warning of listPlatformWarnings(image)) output.progress(`warning: ${image.name}: ${warning}`);
  }
}
