import type { ConfigPath } from '../config-path.js';
import { draftProblem } from '../problem.js';
import type { BuilderType } from '../resolved-config.js';
import { type ImageRule, listProvisioners } from './image-rule.js';

/** An instance of one architecture cannot start an image of the other. Only families that are certain are judged. */
export const instanceTypeHasArchitecture: ImageRule = ({ builder, architecture = 'x86_64' }, context) => {
  const instanceType = builder?.instanceType;
  const actual = instanceType === undefined ? undefined : findArchitectureOfInstanceType(instanceType);
  if (actual === undefined || actual === architecture) return [];
  const path = [...context.path, 'builder', 'instanceType'];
  const what = `${context.showValue(path, instanceType)} is ${actual}, the image is ${architecture}`;
  return [draftProblem('CONFIG_ARCHITECTURE', { path }, [what])];
};

/** Keys that only one builder knows would be ignored by the other without a word. */
export const builderKeysAreUsed: ImageRule = ({ builder }, { path }) => {
  if (builder === undefined) return [];
  const { type = 'packer' } = builder;
  return Object.entries(KEYS_OF_ONE_BUILDER)
    .filter(([key, owner]) => key in builder && owner !== type)
    .map(([key, owner]) =>
      draftProblem('CONFIG_BUILDER_KEY', { path: [...path, 'builder', key], target: 'key' }, [key, owner, type]),
    );
};

const KEYS_OF_ONE_BUILDER: Readonly<Record<string, BuilderType>> = {
  fallbackInstanceTypes: 'ec2',
  subnetIds: 'ec2',
  spot: 'ec2',
  expiresAfterHours: 'ec2',
  communicator: 'ec2',
  filesBucket: 'ec2',
};

/** Over SSH files are one stream, however large; several subnets take the place of the one. */
export const builderKeysFit: ImageRule = ({ builder = {} }, { path }) =>
  [
    { key: 'filesBucket', other: 'communicator: ssh', isUnused: builder.communicator === 'ssh' },
    { key: 'subnetId', other: 'subnetIds', isUnused: builder.subnetIds !== undefined },
  ]
    .filter(({ key, isUnused }) => isUnused && key in builder && builder.type === 'ec2')
    .map(({ key, other }) =>
      draftProblem('CONFIG_BUILDER_UNUSED', { path: [...path, 'builder', key], target: 'key' }, [key, other]),
    );

/** Packer and SSH carry them; what goes by Run Command stays in its history. */
export const secretsAreNotSent: ImageRule = (image, { path, isSecret, showValue }) => {
  if (image.builder?.type !== 'ec2' || image.builder.communicator === 'ssh') return [];
  return listProvisioners(image, path)
    .flatMap(({ options, optionsPath }) => listTexts(options, optionsPath))
    .filter(({ text }) => isSecret(text))
    .map(({ text, place }) => draftProblem('CONFIG_SECRET_IN_HISTORY', { path: place }, [showValue(place, text)]));
};

interface PlacedText {
  readonly text: string;
  readonly place: ConfigPath;
}

function listTexts(value: unknown, place: ConfigPath): readonly PlacedText[] {
  if (typeof value === 'string') return [{ text: value, place }];
  if (Array.isArray(value)) return value.flatMap((each, index) => listTexts(each, [...place, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => listTexts(each, [...place, key]));
}

/** Without a profile the SSM agent on the instance may not register, and a build would wait for it in vain. */
export const ec2HasInstanceProfile: ImageRule = ({ builder }, { path }) => {
  if (builder?.type !== 'ec2' || builder.iamInstanceProfile !== undefined || builder.communicator === 'ssh') return [];
  return [draftProblem('CONFIG_PROFILE_MISSING', { path: [...path, 'builder', 'type'] }, [])];
};

/** Graviton families carry a `g` right after the generation (c7g, m6gd, t4g, im4gn) and are arm64, as a1 is. */
function findArchitectureOfInstanceType(instanceType: string): 'x86_64' | 'arm64' | undefined {
  const family = instanceType.split('.')[0] ?? '';
  if (/^(?:a1|[a-z]+\d+g[a-z]*)$/.test(family)) return 'arm64';
  return /^(?:t[123]a?|[cmr]\d+[abdefinz]*(?:-flex)?)$/.test(family) ? 'x86_64' : undefined;
}

/** Packer reads vpc_id only together with subnet_id, and otherwise launches in the default VPC without a word. */
export const vpcNeedsSubnet: ImageRule = ({ builder }, { path }) => {
  if (builder?.vpcId === undefined || builder.subnetId !== undefined || builder.subnetIds !== undefined) return [];
  return [draftProblem('CONFIG_VPC_WITHOUT_SUBNET', { path: [...path, 'builder', 'vpcId'], target: 'key' }, [])];
};

/** Packer opens a group of its own for the CIDRs only when no groups are given: the wish would be ignored silently. */
export const cidrsAreUsed: ImageRule = ({ builder }, { path }) => {
  if (builder?.sshSourceCidrs === undefined || builder.securityGroupIds === undefined) return [];
  return [draftProblem('CONFIG_CIDRS_UNUSED', { path: [...path, 'builder', 'sshSourceCidrs'], target: 'key' }, [])];
};

/** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html */
export const rootVolumeSizeFits: ImageRule = ({ builder }, { path }) => {
  const { sizeGib, type } = builder?.rootVolume ?? {};
  if (type !== 'standard' || sizeGib === undefined || sizeGib <= STANDARD_LIMIT_GIB) return [];
  const place = { path: [...path, 'builder', 'rootVolume', 'sizeGib'] };
  return [draftProblem('CONFIG_VOLUME_SIZE', place, [type, STANDARD_LIMIT_GIB])];
};

const STANDARD_LIMIT_GIB = 1024;
