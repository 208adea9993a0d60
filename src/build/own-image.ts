// CreateImage and RegisterImage have no client token: the name and the tag of the run say whose an image is.
import { type ImageCatalog, RUN_TAG } from '../aws/ports.js';
import { awsErrorCode } from '../aws/translate-error.js';
import { createError } from '../errors.js';

export interface OwnImageScope {
  readonly aws: { readonly catalog: Pick<ImageCatalog, 'findImageByName'> };
  readonly run: { readonly id: string };
}

/** The image of this name that the run has made; undefined when there is none. Errors: IMAGE_NAME_TAKEN by another. */
export async function findOwnImage(name: string, { aws, run }: OwnImageScope): Promise<string | undefined> {
  const existing = await aws.catalog.findImageByName(name);
  if (existing === undefined || existing.tags[RUN_TAG] === run.id) return existing?.id;
  throw createError('IMAGE_NAME_TAKEN', [name, existing.id, existing.state]);
}

/**
 * Asks for an image. The SDK sends a request again whose reply was lost, and then a refusal of the name is the answer to
 * its own first one.
 */
export async function createOnce(name: string, scope: OwnImageScope, create: () => Promise<string>): Promise<string> {
  try {
    return await create();
  } catch (error) {
    const own = awsErrorCode(error) === 'InvalidAMIName.Duplicate' ? await findOwnImage(name, scope) : undefined;
    if (own === undefined) throw error;
    return own;
  }
}
