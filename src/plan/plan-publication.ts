import type { ResolvedImage } from '../config/resolved-config.js';
import { postProcessors } from '../plugins/post-processors.js';
import type { PublicationStep } from './publication-plan.js';

/** The steps of an image's `publish` section, in the order in which they are safe: whoever sees the image sees it whole. */
export function planPublication(image: ResolvedImage, inputsDigest: string): readonly PublicationStep[] {
  const { name, version, architecture, publish } = image;
  if (publish === undefined) return [];
  const names = { image: name, version, architecture, inputs: inputsDigest.slice(0, 8) };
  return [...postProcessors.values()].flatMap((postProcessor) => postProcessor.planSteps(publish, { names }));
}
