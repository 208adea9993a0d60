import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../wire/aws-error.js';
import type { InstanceProfileRecord } from '../world/service-records.js';
import type { RequestContext, SandboxServices } from '../world/services.js';
import { createIamId, formatArn } from './requests.js';

/** Makes the profiles of these names that the sandbox's own account lacks, without a role. */
export function ensureInstanceProfiles({ world, clock }: SandboxServices, names: readonly string[]): void {
  for (const id of names.filter((name) => world.instanceProfiles.find(name) === undefined)) {
    world.instanceProfiles.put({
      id,
      profileId: createIamId('AIPA'),
      path: '/',
      createdAt: clock.now().toISOString(),
      roleName: undefined,
    });
  }
}

/**
 * The profile that a launch names, by its name or its ARN.
 *
 * @throws AwsError InvalidParameterValue, InvalidParameterCombination
 */
export function findLaunchProfile(
  { IamInstanceProfile: asked }: Pick<RunInstancesRequest, 'IamInstanceProfile'>,
  context: RequestContext,
): InstanceProfileRecord | undefined {
  const { Arn: arn, Name: name } = asked ?? {};
  if (arn === undefined && name === undefined) return undefined;
  if (arn !== undefined && name !== undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
    );
  }
  const found = context.world.instanceProfiles
    .list()
    .find((profile) => (name === undefined ? formatProfileArn(context, profile) === arn : profile.id === name));
  if (found !== undefined) return found;
  const [member, kind] = name === undefined ? ['arn', 'ARN'] : ['name', 'name'];
  throw new AwsError(
    'InvalidParameterValue',
    `Value (${name ?? arn}) for parameter iamInstanceProfile.${member} is invalid. Invalid IAM Instance Profile ${kind}`,
  );
}

export function formatProfileArn(
  context: RequestContext,
  { path, id }: Pick<InstanceProfileRecord, 'path' | 'id'>,
): string {
  return formatArn(context, 'instance-profile', path, id);
}
