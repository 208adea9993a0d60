import path from 'node:path';
import { completeImage, writeOutProvisioner } from './complete-image.js';
import type { BuildimgConfig, ImageInput, SourceInput } from './config-input.js';
import { expandMatrix, type MatrixImage } from './expand-matrix.js';
import { findProvisionerManifest, listPathOptions } from './find-provisioner-manifest.js';
import { resolvePublish } from './resolve-publish.js';
import type {
  BeanstalkConfig,
  BuilderConfig,
  PlatformConfig,
  ProvisionerConfig,
  ResolvedConfig,
  ResolvedImage,
  ScanConfig,
  SourceSelector,
} from './resolved-config.js';
import { findLoginUser } from './rules/source-rules.js';
import { policyNames } from './scan-names.js';
import type { SecretUse } from './secret-uses.js';

export interface ResolvePlace {
  /** Absolute path of the config. */
  readonly file: string;
  readonly secrets: readonly string[];
  readonly secretUses: readonly SecretUse[];
}

/** The checked `config` as the rest of the program sees it. Pure. */
export function resolveConfig(config: BuildimgConfig, { file, secrets, secretUses }: ResolvePlace): ResolvedConfig {
  const root = path.dirname(file);
  const images = expandMatrix(config.images).map((each) => ({
    ...resolveImage(each, root),
    secrets: secretUses.filter(({ entry }) => entry === each.entry),
  }));
  return { version: 1, file, root, secrets, images };
}

function resolveImage(
  { name, entry, image: given }: MatrixImage<ImageInput>,
  root: string,
): Omit<ResolvedImage, 'secrets'> {
  const image = completeImage(given);
  const { version, region, architecture, profile, source, ami, platform, beanstalk } = withSchemaDefaults(image);
  const provisioners = (image.provisioners ?? []).map((entry) => resolveProvisioner(entry, root));
  return {
    name,
    ...(entry === name ? {} : { entry }),
    version,
    region,
    architecture,
    ...(profile !== undefined && { profile }),
    source: resolveSource(source as SourceInput),
    builder: resolveBuilder(image),
    provisioners,
    scan: resolveScan(image, provisioners),
    ami: { tags: {}, encrypt: false, ...ami },
    ...(image.publish && { publish: resolvePublish(image.publish, root) }),
    ...(platform && { platform: resolvePlatform(platform, root) }),
    ...(beanstalk && { beanstalk: resolveBeanstalk(beanstalk, root) }),
  };
}

function resolvePlatform(platform: NonNullable<ImageInput['platform']>, root: string): PlatformConfig {
  const folders = (['hooks', 'files'] as const).flatMap((key) => {
    const folder = platform[key];
    return folder === undefined ? [] : [[key, path.resolve(root, folder)]];
  });
  return { ...platform, ...Object.fromEntries(folders) } as PlatformConfig;
}

function resolveBeanstalk(beanstalk: NonNullable<ImageInput['beanstalk']>, root: string): BeanstalkConfig {
  const { bundle } = beanstalk;
  return { ...beanstalk, ...(bundle !== undefined && { bundle: path.resolve(root, bundle) }) } as BeanstalkConfig;
}

/** The schema's validator has filled these in; the types of what a person writes cannot know that. */
function withSchemaDefaults(image: ImageInput): ImageInput & Required<Pick<ImageInput, 'region' | 'architecture'>> {
  return image as ReturnType<typeof withSchemaDefaults>;
}

function resolveSource(source: SourceInput): SourceSelector {
  if ('os' in source) return { kind: 'os', os: source.os };
  if ('ami' in source) return { kind: 'ami', id: source.ami };
  if ('platformBranch' in source) return { kind: 'platform-branch', branch: source.platformBranch };
  if ('filter' in source) return { kind: 'filter', owners: source.owners, filters: source.filter };
  return { kind: 'ssm-parameter', parameter: source.ssmParameter, owners: source.owners };
}

/** A source by os brings its login user; for others it is written down here as soon as it can be told. */
function resolveBuilder({ builder, source }: ImageInput): BuilderConfig {
  const sshUsername = builder?.sshUsername ?? ('os' in source ? undefined : findLoginUser(source));
  return { ...(builder as BuilderConfig), ...(sshUsername !== undefined && { sshUsername }) };
}

function resolveProvisioner(entry: string | object, root: string): ProvisionerConfig {
  const { name, options } = writeOutProvisioner(entry);
  const manifest = findProvisionerManifest(name);
  const pathOptions = manifest === undefined ? [] : listPathOptions(manifest);
  const resolved = pathOptions
    .filter((option) => options[option] !== undefined)
    .map((option) => [option, resolvePaths(options[option], root)]);
  return { name, options: { ...options, ...Object.fromEntries(resolved) } };
}

function resolvePaths(value: unknown, root: string): unknown {
  return Array.isArray(value) ? value.map((item) => resolvePaths(item, root)) : path.resolve(root, String(value));
}

/** An image that is hardened by a profile is asked for what the profile promises, unless the config says otherwise. */
function resolveScan({ scan }: ImageInput, provisioners: readonly ProvisionerConfig[]): ScanConfig {
  const profile = provisioners.findLast(({ name }) => name === 'harden')?.options['profile'];
  const policy = scan?.policy ?? policyNames.find((name) => name === profile) ?? 'baseline';
  if (scan === undefined) return { policy, failOn: 'none', waivers: [] };
  const { failOn = 'high', allowGaps, waivers = [] } = scan;
  return { policy, failOn, ...(allowGaps === true ? { allowGaps } : {}), waivers };
}
