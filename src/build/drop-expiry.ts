import type { MachineImage } from '../aws/ports.js';
import type { BuildImageRequest } from './build-request.js';
import type { BuildContext } from './context.js';
import { EXPIRES_TAG } from './expiry.js';
import { runStep } from './steps.js';
import { untilKnown } from './until-known.js';

/**
 * Takes the moment of expiry from a finished image and its snapshots: newer plugins of Packer copy the tags of the run to
 * them, and an image lives until somebody removes it. A refusal is a warning, for the image is as good with the tag.
 */
export async function dropExpiry(
  image: MachineImage,
  {
    request,
    context,
  }: { readonly request: Pick<BuildImageRequest, 'aws' | 'interruption'>; readonly context: BuildContext },
): Promise<void> {
  if (image.tags[EXPIRES_TAG] === undefined) return;
  const { resources } = request.aws;
  const { signal } = request.interruption;
  const ids = [image.id, ...image.snapshotIds];
  await runStep(context, 'drop expiry', () =>
    untilKnown(image.id, { context, signal }, () => resources.untag(ids, EXPIRES_TAG)),
  ).catch((error: unknown) => {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    context.emit('warning.raised', { message: `${image.id} keeps its tag ${EXPIRES_TAG}: ${reason}` });
  });
}
