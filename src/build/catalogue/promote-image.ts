import type { AwsAccess } from '../../aws/create-aws-access.js';
import { isNamedByTags } from '../../aws/own-images.js';
import type { MachineImage } from '../../aws/ports.js';
import { type Severity, severities } from '../../config/scan-names.js';
import { createError } from '../../errors.js';
import { isAtLeast } from '../../scan/policies.js';
import type { BuildContext } from '../context.js';
import { setParameter } from '../publish/set-parameter.js';
import { readScanTags } from '../scan-tags.js';

export interface Promotion {
  /** SSM parameter that is to name the image. */
  readonly parameter: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Accounts that may launch it. */
  readonly accounts: readonly string[];
  /** Refuse an image with findings of this severity or worse; `none`: of no severity, and not scanned either. */
  readonly failOn: Severity | 'none';
}

export interface Promoted {
  readonly region: string;
  readonly id: string;
  readonly name: string;
  /** What was changed, in words; empty when everything was there already. */
  readonly changes: readonly string[];
  readonly parameter: ParameterChange | undefined;
}

export interface ParameterChange {
  readonly name: string;
  readonly version: number;
  /** What it named before; undefined when it is new. */
  readonly before: string | undefined;
}

export interface PromoteScope {
  readonly aws: Pick<AwsAccess, 'region' | 'catalog' | 'resources' | 'parameters' | 'distribution'>;
  readonly context: BuildContext;
  readonly signal: AbortSignal;
}

/**
 * Tags an image, shares it, and points a parameter at it, in this order: whoever follows the parameter may launch what it
 * names. Does only what is not so yet.
 * Errors: CATALOGUE_IMAGE_NOT_FOUND, CATALOGUE_IMAGE_UNFIT, PROMOTE_FINDINGS, PARAMETER_NOT_WRITTEN.
 */
export async function promoteImage(id: string, promotion: Promotion, scope: PromoteScope): Promise<Promoted> {
  const { aws } = scope;
  const image = await aws.catalog.findImage(id);
  if (image === undefined) throw createError('CATALOGUE_IMAGE_NOT_FOUND', [id, aws.region]);
  assertFit(image, promotion);
  const changes = [...(await tagImage(image, promotion, scope)), ...(await shareImage(image, promotion, scope))];
  const pointed = await pointParameter(image, promotion, scope);
  return {
    region: aws.region,
    id,
    name: image.name,
    changes: [...changes, ...pointed.changes],
    parameter: pointed.parameter,
  };
}

function assertFit(image: MachineImage, { failOn }: Promotion): void {
  if (image.state !== 'available') throw createError('CATALOGUE_IMAGE_UNFIT', [image.id, image.state]);
  if (failOn === 'none') return;
  // A copy under another name has the tags of what it was copied from, and nobody knows what was done to it since.
  const scan = isNamedByTags(image) ? readScanTags(image) : undefined;
  const failing = severities.filter((severity) => isAtLeast(severity, failOn) && scan?.counts[severity] !== 0);
  if (scan === undefined) throw createError('PROMOTE_FINDINGS', [image.id, 'was not scanned by a build']);
  if (scan.gaps !== 0)
    throw createError('PROMOTE_FINDINGS', [image.id, `has ${scan.gaps} places that the scan could not read`]);
  // A severity that the tags do not count is not known to be free of findings.
  if (failing.length === 0) return;
  const list = failing.map((severity) => `${scan.counts[severity] ?? 'an unknown number of'} ${severity}`).join(', ');
  throw createError('PROMOTE_FINDINGS', [image.id, `has ${list} findings under policy ${scan.policy}`]);
}

async function tagImage(image: MachineImage, { tags }: Promotion, { aws }: PromoteScope): Promise<readonly string[]> {
  const missing = Object.entries(tags).filter(([key, value]) => image.tags[key] !== value);
  if (missing.length === 0) return [];
  await aws.resources.tagImage(image.id, Object.fromEntries(missing));
  return missing.map(([key, value]) => `tagged ${key}=${value}`);
}

async function shareImage({ id }: MachineImage, { accounts }: Promotion, { aws }: PromoteScope) {
  if (accounts.length === 0) return [];
  const present = await aws.distribution.findLaunchPermissions(id);
  const missing = accounts.filter((account) => !present.accounts.includes(account));
  if (missing.length === 0) return [];
  const grantees = { accounts: missing, organizations: [], organizationalUnits: [], isPublic: false };
  await aws.distribution.shareImage(id, grantees);
  return [`shared with ${missing.join(', ')}`];
}

async function pointParameter(
  image: MachineImage,
  { parameter: name }: Promotion,
  { aws, context, signal }: PromoteScope,
): Promise<Pick<Promoted, 'changes' | 'parameter'>> {
  if (name === undefined) return { changes: [], parameter: undefined };
  const { parameters, region } = aws;
  const before = await parameters.findParameter(name);
  if (before?.value === image.id) {
    return { changes: [], parameter: { name, version: before.version, before: before.value } };
  }
  const { 'buildimg:image': from = image.name, 'buildimg:version': version = '' } = image.tags;
  const order = {
    name,
    imageId: image.id,
    description: `AMI of ${from} ${version}`.trim(),
    tags: { 'buildimg:image': from },
  };
  const now = await setParameter(order, { parameters, region, before, clock: context.clock, signal });
  const was = before === undefined ? 'new' : `was ${before.value}`;
  return {
    changes: [`${name} version ${now.version} names it (${was})`],
    parameter: { name, version: now.version, before: before?.value },
  };
}
