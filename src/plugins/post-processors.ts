import { bootTest } from './post-processors/boot-test.js';
import { copy } from './post-processors/copy.js';
import { deprecate } from './post-processors/deprecate.js';
import { manifest } from './post-processors/manifest.js';
import { protect } from './post-processors/protect.js';
import { share } from './post-processors/share.js';
import { ssmParameter } from './post-processors/ssm-parameter.js';
import { tag } from './post-processors/tag.js';
import type { PostProcessor } from './types.js';

/**
 * Every post-processor by its name, in the order in which they run. What can fail comes first; what others notice comes
 * last, and of that the parameter that everybody follows.
 */
export const postProcessors: ReadonlyMap<string, PostProcessor> = new Map(
  [bootTest, copy, tag, deprecate, protect, share, ssmParameter, manifest].map((postProcessor) => [
    postProcessor.name,
    postProcessor,
  ]),
);
