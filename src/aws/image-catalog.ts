import type { EC2Client, Filter } from '@aws-sdk/client-ec2';
import { describeImages } from './describe-images.js';
import type { FilterLookup } from './filter-lookups.js';
import type { ImageCatalog, ImageQuery, MachineImage } from './ports.js';
import type { SourceLookups } from './source-lookups.js';

export interface CatalogSources extends Pick<ImageCatalog, 'findPlatformBase'> {
  readonly ec2: EC2Client;
  /** Images of this account. */
  readonly images: FilterLookup<MachineImage>;
  readonly sources: SourceLookups;
  /** Build that asks. */
  readonly caller: string;
}

/** Image lookups over the SDK. */
export function createImageCatalog(catalog: CatalogSources): ImageCatalog {
  const { ec2, images, sources, caller, findPlatformBase } = catalog;
  return {
    async findImageByName(name) {
      const found = await images('name', [name], caller);
      // The filter takes wildcards, a name may hold none of them; still, only the very name counts.
      return found.find((image) => image.name === name);
    },
    findImage: (id) => sources.images(id, caller),
    async findNewestImage(query) {
      const images = await describeImages(ec2, { Owners: [...query.owners], Filters: toFilters(query) });
      return images.toSorted((one, other) => other.creationDate.localeCompare(one.creationDate))[0];
    },
    findImageParameter: (parameter) => sources.parameters(parameter, caller),
    findPlatformBase,
  };
}

function toFilters({ filters }: ImageQuery): Filter[] {
  const asked = Object.entries(filters).map(([Name, value]) => ({ Name, Values: value.split(',') }));
  return filters['state'] === undefined ? [...asked, { Name: 'state', Values: ['available'] }] : asked;
}
