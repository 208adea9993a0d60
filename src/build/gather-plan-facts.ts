import type { ResolvedConfig } from '../config/resolved-config.js';
import type { PlanFacts } from '../plan/image-plan.js';
import { listInputPaths } from '../plan/list-input-paths.js';
import { findProvisionersDir } from '../plugins/find-package-folder.js';
import { gatherFileFacts } from './gather-facts.js';

/**
 * What planning the images of `config` needs to know of files, each read once for all images. Add `sourceImage` per
 * image where it was looked up. Throws PAYLOAD_*.
 */
export async function gatherPlanFacts(config: ResolvedConfig, signal: AbortSignal): Promise<PlanFacts> {
  const provisionersDir = findProvisionersDir();
  const paths = [...new Set(config.images.flatMap(listInputPaths))];
  const files = await gatherFileFacts({ paths, root: config.root, provisionersDir, signal });
  return { root: config.root, provisionersDir, files };
}
