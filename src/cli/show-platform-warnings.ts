import { listPlatformWarnings } from '../config/platform-warnings.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import type { CliContext } from './cli-context.js';

/** Says what is no mistake of the config and still has to be known. */
export function showPlatformWarnings(images: readonly ResolvedImage[], { output, environment }: CliContext): void {
  for (const image of images) {
    const warnings = [...listPlatformWarnings(image), ...listRegionWarnings(image, environment)];
    for (const warning of warnings) output.progress(`warning: ${image.name}: ${warning}`);
  }
}

/** Template and config.yml name the image's region, whatever the environment says. */
function listRegionWarnings(image: ResolvedImage, environment: CliContext['environment']): readonly string[] {
  const { AWS_REGION: fromSdks, AWS_DEFAULT_REGION: fromBotocore } = environment;
  const wanted = fromSdks || fromBotocore;
  if (image.platform === undefined || !wanted || wanted === image.region) return [];
  return [
    `The platform is for ${image.region}, which the config says or leaves at its default; ${fromSdks ? 'AWS_REGION' : 'AWS_DEFAULT_REGION'}=${wanted} does not count. Set region in the config to change it.`,
  ];
}
