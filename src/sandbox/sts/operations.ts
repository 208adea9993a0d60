import { defineOperation, type OperationSchema, tabulateOperations } from '../wire/operation.js';
import type { RequestContext } from '../world/services.js';

interface GetCallerIdentityResult {
  readonly UserId: string;
  readonly Account: string;
  readonly Arn: string;
}

// The one operation of STS that clients check their credentials with; declared by hand in the SDK's own form, because
// the SDK keeps STS's schemas inside its credential providers.
const NAMESPACE = 'com.amazonaws.sts';
const STRUCTURE = 3;
const OPERATION = 9;
const STRING = 0;
const getCallerIdentitySchema: OperationSchema = [
  OPERATION,
  NAMESPACE,
  'GetCallerIdentity',
  0,
  [STRUCTURE, NAMESPACE, 'GetCallerIdentityRequest', 0, [], []],
  [STRUCTURE, NAMESPACE, 'GetCallerIdentityResponse', 0, ['UserId', 'Account', 'Arn'], [STRING, STRING, STRING]],
];

export const stsOperations = tabulateOperations([
  defineOperation(getCallerIdentitySchema, (_input: object, context: RequestContext) => getCallerIdentity(context), {}),
]);

function getCallerIdentity({ accountId }: RequestContext): GetCallerIdentityResult {
  return { UserId: 'AIDASANDBOX0000000000', Account: accountId, Arn: `arn:aws:iam::${accountId}:user/sandbox` };
}
