import type { PartialImage } from '../config-input.js';
import { findNearest } from '../nearest.js';
import { findLoginUserOfOwner, findOperatingSystem, findOperatingSystemOfParameter } from '../operating-systems.js';
import { quoteValue } from '../printable.js';
import { draftProblem } from '../problem.js';
import type { ImageRule } from './image-rule.js';

/** Anybody can publish an image of any name, so a source that is looked up names whom it trusts (the whoAMI attack). */
export const sourceHasOwners: ImageRule = ({ source }, { path }) => {
  const kind = source && (['filter', 'ssmParameter'] as const).find((one) => Object.hasOwn(source, one));
  if (source === undefined || kind === undefined || Object.hasOwn(source, 'owners')) return [];
  return [draftProblem('CONFIG_OWNERS_MISSING', { path: [...path, 'source', kind], target: 'key' }, [kind])];
};

/** The alias stands for every seller; and an AMI with a product code cannot be copied, shared or published again. */
export const sourceIsNotMarketplace: ImageRule = ({ source }, { path }) =>
  ownersOf(source).flatMap((owner, index) =>
    owner === 'aws-marketplace'
      ? [draftProblem('CONFIG_OWNER_REFUSED', { path: [...path, 'source', 'owners', index] }, [])]
      : [],
  );

/** EC2 answers InvalidParameterValue to a filter that it does not know, but only when the build has begun. */
export const filtersAreKnown: ImageRule = ({ source }, { path }) => {
  if (source === undefined || !('filter' in source)) return [];
  return Object.keys(source.filter ?? {})
    .filter((name) => !IMAGE_FILTERS.has(name) && !/^(?:tag:.+|block-device-mapping\..+)$/.test(name))
    .map((name) => {
      const place = { path: [...path, 'source', 'filter', name], target: 'key' } as const;
      return draftProblem('CONFIG_FILTER_UNKNOWN', place, [quoteValue(name), findNearest(name, IMAGE_FILTERS)]);
    });
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html */
const IMAGE_FILTERS: ReadonlySet<string> = new Set([
  'architecture',
  'creation-date',
  'description',
  'ena-support',
  'hypervisor',
  'image-allowed',
  'image-id',
  'image-type',
  'is-public',
  'kernel-id',
  'manifest-location',
  'name',
  'owner-alias',
  'owner-id',
  'platform',
  'product-code',
  'product-code.type',
  'ramdisk-id',
  'root-device-name',
  'root-device-type',
  'source-image-id',
  'source-image-region',
  'source-instance-id',
  'sriov-net-support',
  'state',
  'state-reason-code',
  'state-reason-message',
  'tag-key',
  'virtualization-type',
]);

/** The publisher has images for the architecture. */
export const osHasArchitecture: ImageRule = ({ source, architecture = 'x86_64' }, { path }) => {
  const system = source && 'os' in source && source.os !== undefined ? findOperatingSystem(source.os) : undefined;
  if (system === undefined || system.images[architecture] !== undefined) return [];
  const what = `${system.name} is not published for ${architecture}`;
  return [draftProblem('CONFIG_ARCHITECTURE', { path: [...path, 'architecture'] }, [what])];
};

/** Waiting five minutes for a login as the wrong user is a bad way to find out. */
export const loginUserIsKnown: ImageRule = (image, { path }) => {
  const { source, builder } = image;
  if (source === undefined || !hasSourceKind(source) || builder?.sshUsername !== undefined) return [];
  // With owners missing or wrong there is nothing to tell it from, and another problem says so.
  if ('filter' in source && ownersOf(source).length === 0) return [];
  if (findLoginUser(source) !== undefined) return [];
  return [draftProblem('CONFIG_LOGIN_USER_UNKNOWN', { path: [...path, 'source'], target: 'key' }, [])];
};

/** The login user of images from `source`, as far as it can be told without looking them up. */
export function findLoginUser(source: PartialImage['source']): string | undefined {
  if (source === undefined) return undefined;
  if ('os' in source && source.os !== undefined) return findOperatingSystem(source.os)?.loginUser;
  if ('ssmParameter' in source && source.ssmParameter !== undefined) {
    const known = findOperatingSystemOfParameter(source.ssmParameter);
    if (known) return known.loginUser;
  }
  // All of them are Amazon Linux or Windows, and Windows is refused.
  if ('platformBranch' in source) return 'ec2-user';
  const users = new Set(ownersOf(source).map(findLoginUserOfOwner));
  return users.size === 1 ? [...users][0] : undefined;
}

function hasSourceKind(source: NonNullable<PartialImage['source']>): boolean {
  return Object.values(source).some((value) => value !== undefined);
}

function ownersOf(source: PartialImage['source']): readonly string[] {
  if (source === undefined || !('owners' in source)) return [];
  return (source.owners ?? []).filter((owner) => owner !== undefined);
}
