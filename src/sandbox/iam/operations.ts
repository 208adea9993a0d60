import { tabulateOperations } from '../wire/operation.js';
import { instanceProfileOperations } from './instance-profile-operations.js';
import { policyOperations } from './policy-operations.js';
import { roleOperations } from './role-operations.js';

/** Everything of IAM that the sandbox speaks. Nothing is enforced by it: whoever holds the sandbox's key may do anything. */
export const iamOperations = tabulateOperations(roleOperations, instanceProfileOperations, policyOperations);
