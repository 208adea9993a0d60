import { RUN_TAG } from '../../aws/ports.js';
import type { Registration } from './registration.js';

/** Tags of the image and its snapshot, from their beginning: by them `reap` finds what a killed run left. */
export function tagsOf({ name, tags }: Registration, run: string): Readonly<Record<string, string>> {
  return { Name: name, ...tags, 'buildimg:image': name, [RUN_TAG]: run };
}
