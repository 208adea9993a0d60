import type { ImageCatalog, MachineImage } from '../aws/ports.js';
import { findOperatingSystem, findOperatingSystemOfParameter } from '../config/operating-systems.js';
import type { ResolvedImage, SourceSelector } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import type { PlanFacts } from '../plan/image-plan.js';
import { findPlatformImage } from './find-platform-image.js';
import type { LockedPlatform } from './platform-lock.js';

/**
 * Looks the source image up and makes sure that it is its publisher's, whichever way it was named. A platform branch that
 * is `locked` is not asked for again.
 * @throws SOURCE_PARAMETER_NOT_FOUND, SOURCE_IMAGE_NOT_FOUND, SOURCE_IMAGE_WRONG_OWNER, PLATFORM_BRANCH_NOT_FOUND,
 *   PLATFORM_LOCKED_IMAGE_GONE.
 */
export async function findSourceImage(
  image: ResolvedImage,
  catalog: ImageCatalog,
  locked?: LockedPlatform,
): Promise<NonNullable<PlanFacts['sourceImage']>> {
  if (locked !== undefined) return checkLocked(locked, catalog);
  if (image.source.kind === 'platform-branch') return findPlatformImage(image, image.source.branch, catalog);
  const found = await lookUp(image, catalog);
  return { id: found.id, rootDeviceName: found.rootDeviceName };
}

async function checkLocked(locked: LockedPlatform, catalog: ImageCatalog): Promise<LockedPlatform> {
  const { id, platformArn, region } = locked;
  const found = await catalog.findImage(id);
  if (found?.state === 'available') return locked;
  throw createError('PLATFORM_LOCKED_IMAGE_GONE', [id, platformArn, region]);
}

async function lookUp(image: ResolvedImage, catalog: ImageCatalog): Promise<MachineImage> {
  const { region } = image;
  const source = image.source as Exclude<SourceSelector, { readonly kind: 'platform-branch' }>;
  switch (source.kind) {
    case 'ami':
      return getImage(source.id, region, catalog);
    case 'ssm-parameter':
      return getImageOfParameter(source.parameter, ownersOf(source), region, catalog);
    case 'filter': {
      const filters = { architecture: image.architecture, ...source.filters };
      return getNewest({ owners: source.owners, filters }, region, catalog);
    }
    case 'os':
    default:
      return getImageOfSystem(source.os, image, catalog);
  }
}

async function getImageOfSystem(os: string, image: ResolvedImage, catalog: ImageCatalog): Promise<MachineImage> {
  const system = findOperatingSystem(os);
  const published = system?.images[image.architecture];
  if (system === undefined || published === undefined) {
    throw createError('SOURCE_IMAGE_NOT_FOUND', [`of ${os} for ${image.architecture}`, image.region]);
  }
  if (published.ssmParameter !== undefined) {
    return getImageOfParameter(published.ssmParameter, system.owners, image.region, catalog);
  }
  const filters = { name: published.nameFilter, architecture: image.architecture, 'virtualization-type': 'hvm' };
  return getNewest({ owners: system.owners, filters }, image.region, catalog);
}

async function getImageOfParameter(
  parameter: string,
  owners: readonly string[],
  region: string,
  catalog: ImageCatalog,
): Promise<MachineImage> {
  const id = await catalog.findImageParameter(parameter);
  if (id === undefined) {
    throw createError('SOURCE_PARAMETER_NOT_FOUND', [parameter, region]);
  }
  const found = await getImage(id, region, catalog);
  await assertOwner(found, owners, catalog);
  return found;
}

async function getImage(id: string, region: string, catalog: ImageCatalog): Promise<MachineImage> {
  const found = await catalog.findImage(id);
  if (found === undefined) {
    throw createError('SOURCE_IMAGE_NOT_FOUND', [id, region]);
  }
  return found;
}

async function getNewest(
  query: { readonly owners: readonly string[]; readonly filters: Readonly<Record<string, string>> },
  region: string,
  catalog: ImageCatalog,
): Promise<MachineImage> {
  const found = await catalog.findNewestImage(query);
  if (found === undefined) {
    const filters = Object.entries(query.filters).map(([name, value]) => `${name}=${value}`);
    const wanted = `of ${query.owners.join(' or ')} with ${filters.join(', ')}`;
    throw createError('SOURCE_IMAGE_NOT_FOUND', [wanted, region]);
  }
  return found;
}

function ownersOf(source: Extract<SourceSelector, { readonly kind: 'ssm-parameter' }>): readonly string[] {
  return source.owners.length > 0 ? source.owners : (findOperatingSystemOfParameter(source.parameter)?.owners ?? []);
}

// With no owner named there is nothing to trust: whoever may write the parameter would choose the image.
async function assertOwner(image: MachineImage, owners: readonly string[], catalog: ImageCatalog): Promise<void> {
  const isOwner = owners.some((owner) => owner === image.ownerId || owner === image.ownerAlias);
  if (isOwner) {
    return;
  }
  // `self` is an account that only EC2 can name.
  const own = owners.includes('self') ? await catalog.findImageByName(image.name) : undefined;
  if (own?.id !== image.id) {
    throw createError('SOURCE_IMAGE_WRONG_OWNER', [
      image.id,
      image.ownerId,
      owners.join(' or ') || 'an owner that the config names',
    ]);
  }
}
