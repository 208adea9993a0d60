import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../wire/aws-error.js';
import { viewWorldAs } from '../world/account-view.js';
import type { InstanceProfileRecord } from '../world/service-records.js';
import type { RequestContext, SandboxServices } from '../world/services.js';
import { createIamId, formatArn } from './requests.js';

/** Makes the profiles of these names that an account of the sandbox lacks, without a role. */
export function ensureInstanceProfiles(services: SandboxServices, names: readonly string[]): void {
  const { accounts, credentials, clock } = services;
  for (const { accountId } of accounts.list()) {
    const { instanceProfiles } = viewWorldAs(services.world, accountId, credentials.accountId);
    for (const id of names.filter((name) => instanceProfiles.find(name) === undefined)) {
      const createdAt = clock.now().toISOString();
      instanceProfiles.put({ id, profileId: createIamId('AIPA'), path: '/', createdAt, roleName: undefined });
    }
  }
}

/** Gives an account that was just added the profiles that the sandbox's own account has. */
export function shareInstanceProfiles(services: SandboxServices): void {
  ensureInstanceProfiles(
    services,
    viewWorldAs(services.world, services.credentials.accountId, services.credentials.accountId)
      .instanceProfiles.list()
      .map(({ id }) => id),
  );
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
