import { IMAGE_TAG } from '../../aws/catalogue-ports.js';
import type { AwsAccess } from '../../aws/create-aws-access.js';
import { createError } from '../../errors.js';
import { compareImages } from './decide-images.js';

/**
 * The id of the image that a person means: an AMI id, the name of an AMI, or `image@version`, where `latest` is the newest.
 * Errors: CATALOGUE_IMAGE_NOT_FOUND; CATALOGUE_IMAGE_AMBIGUOUS when it was built for several architectures.
 */
export async function getNamedImage(
  given: string,
  { region, catalog, library }: Pick<AwsAccess, 'region' | 'catalog' | 'library'>,
): Promise<string> {
  if (/^ami-[0-9a-f]+$/.test(given)) {
    const image = await catalog.findImage(given);
    if (image !== undefined) return image.id;
    throw createError('CATALOGUE_IMAGE_NOT_FOUND', [given, region]);
  }
  const named = await catalog.findImageByName(given);
  if (named !== undefined) return named.id;
  const [, name = given, version = 'latest'] = /^(.*)@([^@]+)$/.exec(given) ?? [];
  const images = (await library.listImages())
    .filter(({ tags, state }) => tags[IMAGE_TAG] === name && state === 'available')
    .filter(({ tags }) => version === 'latest' || tags['buildimg:version'] === version)
    .toSorted(compareImages);
  const newest = images[0];
  if (newest === undefined || !given.includes('@')) throw createError('CATALOGUE_IMAGE_NOT_FOUND', [given, region]);
  // Of one architecture they stand together, so one that differs is a choice that nobody made.
  const others = images.filter(({ architecture }) => architecture !== newest.architecture);
  if (others[0] === undefined) return newest.id;
  const choices = [newest, others[0]].map(({ id, architecture }) => `${id} (${architecture})`).join(', ');
  throw createError('CATALOGUE_IMAGE_AMBIGUOUS', [given, choices]);
}
