import type { MachineImage } from '../aws/ports.js';
import type { BuildImageRequest } from './build-request.js';
import type { BuildContext } from './context.js';
import type { LateRun } from './late-run.js';
import { type ImageScan, scanImage } from './scan-image.js';
import { isKnownToPass } from './scan-tags.js';

/**
 * Holds an image of earlier against what is asked now: the config may be stricter, or findings were allowed then. It is
 * read again only when its tags do not prove that it passes; whatever comes of it, the image stays.
 * @throws SCAN_FINDINGS, and what reading the image throws.
 */
export async function scanExisting(
  existing: MachineImage,
  scope: { readonly late: LateRun; readonly request: BuildImageRequest; readonly context: BuildContext },
): Promise<ImageScan | undefined> {
  const { late, request, context } = scope;
  if (request.allowFindings || isKnownToPass(existing, request.image.scan)) return undefined;
  const fate = `${existing.id} was made by an earlier build and is left as it is.`;
  return await scanImage(existing, { run: await late.open(), request, context, fate });
}
