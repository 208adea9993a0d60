import { AwsError } from '../wire/aws-error.js';
import type { RequestContext } from '../world/services.js';
import type { Access, ServiceCall } from './access.js';
import { findAllowing, type PolicyStatement } from './evaluate-policy.js';
import { listAccesses } from './list-accesses.js';
import { readPolicies } from './read-policies.js';

/** Whoever holds the sandbox's key may do anything, until a policy says what. */
export interface AccessGate {
  /** A policy document, or a list of them; undefined: everything is allowed again. Errors: SANDBOX_POLICY_INVALID. */
  load(policies: unknown): void;
  /** @throws AwsError UnauthorizedOperation, AccessDenied or AccessDeniedException, as the service calls it */
  assertAllowed(call: ServiceCall, context: RequestContext): void;
  /** Names of the statements without which every call so far would have been allowed as well; undefined: no policy. */
  listIdleStatements(): readonly string[] | undefined;
}

export function createAccessGate(): AccessGate {
  let statements: readonly PolicyStatement[] | undefined;
  const needed = new Set<string>();
  return {
    load(policies) {
      statements = policies === undefined ? undefined : readPolicies(policies);
      needed.clear();
    },
    assertAllowed(call, context) {
      if (statements === undefined) return;
      for (const access of listAccesses(call, context)) {
        const [first, ...others] = findAllowing(statements, access);
        if (first === undefined) throw createRefusal(call, access, context);
        if (others.length === 0) needed.add(first.name);
      }
    },
    listIdleStatements: () => statements?.map(({ name }) => name).filter((name) => !needed.has(name)),
  };
}

function createRefusal(
  { service }: ServiceCall,
  { action, resource }: Access,
  { accountId }: RequestContext,
): AwsError {
  const who = `arn:aws:iam::${accountId}:user/sandbox`;
  const message = `User: ${who} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
  if (service === 'ec2') {
    return new AwsError('UnauthorizedOperation', `You are not authorized to perform this operation. ${message}`, 403);
  }
  return service === 'ssm' || service === 'ebs' || service === 'logs'
    ? new AwsError('AccessDeniedException', message, service === 'ebs' ? 403 : 400)
    : new AwsError('AccessDenied', message, 403);
}
