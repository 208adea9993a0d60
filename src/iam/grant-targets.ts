// Resources and conditions that grants are narrowed to.
import type { ResolvedImage } from '../config/resolved-config.js';
import { hasPackerFeature } from '../render/packer/packer-features.js';
import { type GrantScope, regionArn, sourceParameterOf, valuesOf } from './grant-scope.js';
import type { Condition } from './policy-document.js';

/** Names of runs begin with it, so that a tag of anybody else's does not match. */
export const ANY_RUN = ['r-*'];
/** What exists belongs to a run. */
export const ofRun: Condition = { StringLike: { 'aws:ResourceTag/buildimg:run': ANY_RUN } };
/** What is being made says its run in the same call. */
export const forRun: Condition = { StringLike: { 'aws:RequestTag/buildimg:run': ANY_RUN } };
/** Packer names its temporary key pairs so. */
export const KEY_PAIRS = 'key-pair/packer_*';

/** In the region of the images, and in those of their copies. */
export function inRegion(scope: GrantScope): Condition {
  const copies = valuesOf(scope, ({ publish }) => publish?.regions.map(({ region }) => region));
  return { StringEquals: { 'aws:RequestedRegion': [...new Set([scope.region, ...copies])] } };
}

export function launchCondition(scope: GrantScope): Condition {
  const types = valuesOf(scope, ({ builder }) => [builder.instanceType, ...(builder.fallbackInstanceTypes ?? [])]);
  const saysImdsV2 =
    scope.builder === 'ec2' ||
    scope.images.every(({ builder }) => hasPackerFeature(builder.packerVersion, 'metadata_options'));
  return {
    ...forRun,
    StringEquals: { 'ec2:InstanceType': types, ...(saysImdsV2 ? { 'ec2:MetadataHttpTokens': ['required'] } : {}) },
  };
}

export function isPinned({ source }: ResolvedImage): boolean {
  return source.kind === 'ami';
}

export function imageArn(scope: GrantScope, { source }: ResolvedImage): string {
  return regionArn(scope, 'ec2', `image/${source.kind === 'ami' ? source.id : '*'}`, false);
}

export function parameterArn(scope: GrantScope, image: ResolvedImage): string | undefined {
  const name = sourceParameterOf(image)?.replace(/^\//, '');
  return name === undefined ? undefined : regionArn(scope, 'ssm', `parameter/${name}`, !name.startsWith('aws/'));
}

export function networkArns(scope: GrantScope): readonly string[] {
  const subnets = valuesOf(scope, ({ builder }) => builder.subnetIds ?? builder.subnetId ?? '*');
  const groups = valuesOf(scope, ({ builder }) => builder.securityGroupIds ?? '*');
  return arns(scope, [...narrow('subnet', subnets), ...narrow('security-group', groups)]);
}

export function vpcArns(scope: GrantScope): readonly string[] {
  return arns(
    scope,
    narrow(
      'vpc',
      valuesOf(scope, ({ builder }) => builder.vpcId ?? '*'),
    ),
  );
}

export function spotArns(scope: GrantScope): readonly string[] {
  const isSpot = scope.images.some(({ builder }) => builder.spot === true);
  return isSpot ? arns(scope, ['spot-instances-request/*']) : [];
}

/** One image that may go anywhere makes the list of the others pointless. */
function narrow(kind: string, ids: readonly string[]): readonly string[] {
  return ids.includes('*') ? [`${kind}/*`] : ids.map((id) => `${kind}/${id}`);
}

export function arns(scope: GrantScope, resources: readonly string[], hasAccount = true): readonly string[] {
  return resources.map((resource) => regionArn(scope, 'ec2', resource, hasAccount));
}

export function namesVpcOnly({ builder }: ResolvedImage): boolean {
  return builder.vpcId !== undefined && builder.subnetId === undefined;
}

export function leavesSubnetOpen({ builder }: ResolvedImage): boolean {
  return builder.associatePublicIpAddress !== undefined && builder.subnetId === undefined;
}

export function profilesOf(scope: GrantScope): readonly string[] {
  return valuesOf(scope, ({ builder }) => builder.iamInstanceProfile);
}

export function hasNewPlugin({ images }: GrantScope): boolean {
  return images.some(({ builder }) => hasPackerFeature(builder.packerVersion, 'metadata_options'));
}
