import { type ImageCatalog, type MachineImage, RUN_TAG } from '../aws/ports.js';
import { waitUntil } from '../aws/wait-until.js';
import type { Clock } from '../clock.js';
import { BuildimgError, createError } from '../errors.js';

export interface VerifyImageOptions {
  readonly catalog: ImageCatalog;
  readonly name: string;
  readonly run: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const LIMIT_MS = 120_000;

/**
 * Makes sure that the image is what packer says it is: there, available, with a snapshot and the tag of this run.
 * @throws IMAGE_NOT_VERIFIED with what it was seen as last.
 */
export async function verifyImage(options: VerifyImageOptions): Promise<MachineImage> {
  const { catalog, name, run, clock, signal } = options;
  let problem = 'does not exist';
  try {
    return await waitUntil({
      what: `image ${name} to be complete`,
      limitMs: LIMIT_MS,
      clock,
      signal,
      async check() {
        const image = await catalog.findImageByName(name);
        problem = describeProblem(image, run) ?? '';
        return problem === '' ? image : undefined;
      },
    });
  } catch (error) {
    if (error instanceof BuildimgError && error.code === 'WAIT_TIMED_OUT') {
      throw createError('IMAGE_NOT_VERIFIED', [name, problem], { cause: error });
    }
    throw error;
  }
}

function describeProblem(image: MachineImage | undefined, run: string): string | undefined {
  if (image === undefined) {
    return 'does not exist';
  }
  if (image.state !== 'available') {
    return `is ${image.state}`;
  }
  if (image.snapshotIds.length === 0) {
    return 'has no snapshot';
  }
  return image.tags[RUN_TAG] === run ? undefined : `does not carry the tag ${RUN_TAG}=${run}`;
}
