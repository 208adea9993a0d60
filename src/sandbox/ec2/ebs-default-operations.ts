import {
  GetEbsDefaultKmsKeyId$,
  type GetEbsDefaultKmsKeyIdRequest,
  type GetEbsDefaultKmsKeyIdResult,
  ModifyEbsDefaultKmsKeyId$,
  type ModifyEbsDefaultKmsKeyIdRequest,
  type ModifyEbsDefaultKmsKeyIdResult,
  ResetEbsDefaultKmsKeyId$,
  type ResetEbsDefaultKmsKeyIdRequest,
  type ResetEbsDefaultKmsKeyIdResult,
} from '@aws-sdk/client-ec2';
import { done } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { changeAccountSettings, readAccountSettings } from '../world/account-settings.js';
import { findEncryptionKey } from '../world/encryption-keys.js';
import type { RequestContext } from '../world/services.js';
import { assertNotDryRun } from './requests.js';

export const ebsDefaultOperations = [
  defineOperation(GetEbsDefaultKmsKeyId$, getDefaultKey, {}),
  defineOperation(ModifyEbsDefaultKmsKeyId$, modifyDefaultKey, { KmsKeyId: done }),
  defineOperation(ResetEbsDefaultKmsKeyId$, resetDefaultKey, {}),
];

function getDefaultKey(_input: GetEbsDefaultKmsKeyIdRequest, context: RequestContext): GetEbsDefaultKmsKeyIdResult {
  return { KmsKeyId: readAccountSettings(context).defaultKmsKeyId ?? 'alias/aws/ebs' };
}

/** EC2 accepts a key that is not there and forgets it later; here it is refused at once. */
function modifyDefaultKey(
  input: ModifyEbsDefaultKmsKeyIdRequest,
  context: RequestContext,
): ModifyEbsDefaultKmsKeyIdResult {
  const key = findEncryptionKey(context, input.KmsKeyId ?? '');
  if (key === undefined) {
    throw new AwsError('InvalidParameterValue', `There is no KMS key ${input.KmsKeyId} in ${context.region}`);
  }
  assertNotDryRun(input.DryRun);
  changeAccountSettings(context, { defaultKmsKeyId: key.isManaged ? undefined : key.id });
  return { KmsKeyId: key.id };
}

function resetDefaultKey(
  input: ResetEbsDefaultKmsKeyIdRequest,
  context: RequestContext,
): ResetEbsDefaultKmsKeyIdResult {
  assertNotDryRun(input.DryRun);
  changeAccountSettings(context, { defaultKmsKeyId: undefined });
  return { KmsKeyId: 'alias/aws/ebs' };
}
