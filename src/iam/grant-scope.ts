// What the grants are narrowed to: the images of one region that are built in the same way.
import { findOperatingSystem } from '../config/operating-systems.js';
import type { BuilderType, ResolvedImage } from '../config/resolved-config.js';

export interface GrantScope {
  readonly region: string;
  readonly builder: BuilderType;
  /** Never empty. */
  readonly images: readonly ResolvedImage[];
  /** 12 digits; undefined: any account, which only ever is the one that the policy is in. */
  readonly account?: string;
}

/** Images by region and builder, in the order of the config. */
export function listScopes(images: readonly ResolvedImage[], account: string | undefined): readonly GrantScope[] {
  const scopes = new Map<string, GrantScope>();
  for (const image of images) {
    const { region, builder } = image;
    const key = `${region} ${builder.type}`;
    const group = [...(scopes.get(key)?.images ?? []), image];
    scopes.set(key, { region, builder: builder.type, images: group, ...(account === undefined ? {} : { account }) });
  }
  return [...scopes.values()];
}

/** ARN of something in the region; `hasAccount` is false for what EC2 shares between accounts: images and snapshots. */
export function regionArn(scope: GrantScope, service: string, resource: string, hasAccount = true): string {
  const account = hasAccount ? (scope.account ?? '*') : '';
  return `arn:${partitionOf(scope.region)}:${service}:${scope.region}:${account}:${resource}`;
}

/** ARN of something in IAM, which has no regions. */
export function iamArn(scope: GrantScope, resource: string): string {
  return `arn:${partitionOf(scope.region)}:iam::${scope.account ?? '*'}:${resource}`;
}

/** ARN of a bucket or of what is in it: `bucket/key`. */
export function s3Arn(scope: GrantScope, resource: string): string {
  return `arn:${partitionOf(scope.region)}:s3:::${resource}`;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** EC2 as it stands in trust policies. */
export function ec2ServiceOf(region: string): string {
  return partitionOf(region) === 'aws-cn' ? 'ec2.amazonaws.com.cn' : 'ec2.amazonaws.com';
}

/** What `pick` gives for the images, each once. */
export function valuesOf(
  { images }: GrantScope,
  pick: (image: ResolvedImage) => readonly string[] | string | undefined,
): readonly string[] {
  return [...new Set(images.flatMap((image) => pick(image) ?? []))];
}

/** Accounts and aliases as the condition key ec2:Owner has them; undefined where only one AMI may be launched anyway. */
export function sourceOwnersOf({ source }: ResolvedImage): readonly string[] | undefined {
  if (source.kind === 'ami') return undefined;
  if (source.kind === 'platform-branch') return ['amazon'];
  const owners = source.kind === 'os' ? (findOperatingSystem(source.os)?.owners ?? []) : source.owners;
  return owners.flatMap((owner) => {
    if (owner === 'self') return [`\${aws:PrincipalAccount}`];
    // EC2 calls its own images by the alias.
    return owner === AMAZON_LINUX ? [owner, 'amazon'] : [owner];
  });
}

const AMAZON_LINUX = '137112412989';

/** SSM parameter that the source image is looked up by. */
export function sourceParameterOf({ source, architecture }: ResolvedImage): string | undefined {
  if (source.kind === 'ssm-parameter') return source.parameter;
  if (source.kind !== 'os') return undefined;
  return findOperatingSystem(source.os)?.images[architecture]?.ssmParameter;
}
