import type { ResolvedImage } from '../config/resolved-config.js';
import type { CliContext } from './cli-context.js';

/** Says what is no mistake of the config and still has to be known, once an image that it is about. */
export function showPlatformWarnings(images: readonly ResolvedImage[], { output }: CliContext): void {
  for (const { name } of images.filter(({ platform }) => platform !== undefined)) {
    output.progress(
      `warning: ${name}: AWS retired Elastic Beanstalk custom platforms on 18 July 2022. The archive is for rehearsal;\n` +
        '  render --target eb-ami gives a custom AMI, which AWS supports.',
    );
  }
}
