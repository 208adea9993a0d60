import { draftProblem } from '../problem.js';
import type { BuilderType } from '../resolved-config.js';
import type { ImageRule } from './image-rule.js';

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

/** Over SSH files are one stream, however large. */
export const bucketIsUsed: ImageRule = ({ builder }, { path }) => {
  if (builder?.filesBucket === undefined || builder.communicator !== 'ssh') return [];
  return [draftProblem('CONFIG_BUCKET_UNUSED', { path: [...path, 'builder', 'filesBucket'], target: 'key' }, [])];
};

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
  if (builder?.vpcId === undefined || builder.subnetId !== undefined) return [];
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
