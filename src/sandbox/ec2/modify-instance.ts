import type { ModifyInstanceAttributeRequest } from '@aws-sdk/client-ec2';
import { done, type MemberRules, oneOf, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import type { InstanceRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { assertNotDryRun, getInstance } from './requests.js';
import { getSecurityGroups } from './security-group-operations.js';

const SHOWN_ALWAYS = 'every instance has it';

/** What ModifyInstanceAttribute does with each member of its input. */
export const MODIFY_INSTANCE_MEMBERS: MemberRules<ModifyInstanceAttributeRequest> = {
  InstanceId: done,
  Attribute: oneOf([
    'disableApiTermination',
    'instanceInitiatedShutdownBehavior',
    'groupSet',
    'blockDeviceMapping',
    'enaSupport',
    'sriovNetSupport',
  ]),
  Value: done,
  DisableApiTermination: { Value: done },
  InstanceInitiatedShutdownBehavior: { Value: done },
  Groups: done,
  BlockDeviceMappings: { DeviceName: done, Ebs: { DeleteOnTermination: done } },
  SourceDestCheck: { Value: oneOf([true]) },
  DisableApiStop: { Value: oneOf([false]) },
  EbsOptimized: { Value: oneOf([false]) },
  EnaSupport: { Value: withoutEffect(SHOWN_ALWAYS) },
  SriovNetSupport: { Value: withoutEffect(SHOWN_ALWAYS) },
};

/** One attribute a call, in either of EC2's two forms: by its own member, or by `Attribute` and `Value`. */
export function modifyInstanceAttribute(input: ModifyInstanceAttributeRequest, context: RequestContext): void {
  const instance = getInstance(context, input.InstanceId);
  assertOneAttribute(input);
  const change = readChange(input, instance, context);
  const keptVolume = readVolumeChange(input, instance);
  assertNotDryRun(input.DryRun);
  context.world.instances.update(instance.id, change);
  if (keptVolume !== undefined) context.world.volumes.update(instance.volumeId, keptVolume);
}

function assertOneAttribute({
  InstanceId: _id,
  DryRun: _dryRun,
  Value: value,
  ...given
}: ModifyInstanceAttributeRequest) {
  const { Attribute: name, ...members } = given;
  const isNamed = name !== undefined && (value !== undefined || Object.keys(members).length === 0);
  const count = Object.keys(members).length + (isNamed ? 1 : 0);
  if (count === 0) throw new AwsError('InvalidParameterCombination', 'No attributes specified.');
  if (count > 1) {
    throw new AwsError('InvalidParameterCombination', 'Fields for multiple attribute types specified');
  }
}

function readChange(
  input: ModifyInstanceAttributeRequest,
  instance: InstanceRecord,
  context: RequestContext,
): Partial<InstanceRecord> {
  const named = input.Attribute === undefined ? {} : { [input.Attribute]: input.Value ?? '' };
  const behavior = input.InstanceInitiatedShutdownBehavior?.Value ?? named['instanceInitiatedShutdownBehavior'];
  if (behavior !== undefined && behavior !== 'stop' && behavior !== 'terminate') {
    throw new AwsError('InvalidParameterValue', `Invalid value '${behavior}' for InstanceInitiatedShutdownBehavior.`);
  }
  const isProtected = input.DisableApiTermination?.Value ?? readBoolean(named['disableApiTermination']);
  return {
    shutdownBehavior: behavior ?? instance.shutdownBehavior,
    isTerminationProtected: isProtected ?? instance.isTerminationProtected,
    ...(input.Groups === undefined
      ? {}
      : { securityGroupIds: getSecurityGroups(context, { ids: input.Groups }).map(({ id }) => id) }),
  };
}

function readBoolean(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  throw new AwsError(
    'InvalidParameterValue',
    `Invalid value '${text}' for DisableApiTermination: it must be true or false`,
  );
}

function readVolumeChange({ BlockDeviceMappings = [] }: ModifyInstanceAttributeRequest, instance: InstanceRecord) {
  const other = BlockDeviceMappings.find(({ DeviceName }) => DeviceName !== instance.rootDeviceName);
  if (other !== undefined) {
    throw new AwsError(
      'InvalidInstanceAttributeValue',
      `No device is currently mapped at ${other.DeviceName ?? 'a device without a name'}`,
    );
  }
  const deleteOnTermination = BlockDeviceMappings.at(-1)?.Ebs?.DeleteOnTermination;
  return deleteOnTermination === undefined ? undefined : { deleteOnTermination };
}
