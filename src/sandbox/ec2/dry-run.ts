import { done } from '../members/member-rules.js';
import type { Operation } from '../wire/operation.js';
import type { RequestContext } from '../world/services.js';
import { assertNotDryRun } from './requests.js';

/**
 * Every action of EC2 takes `DryRun`: it ends when all checks have passed. Actions that only read are ended here, behind their
 * handler; those that change something end themselves before they do, by assertNotDryRun.
 */
export function honorDryRun(operation: Operation<RequestContext>): Operation<RequestContext> {
  return {
    ...operation,
    members: { ...operation.members, DryRun: done },
    handle: async (input, context) => {
      const isDryRun = (input as { readonly DryRun?: boolean }).DryRun === true;
      const output = await operation.handle(input, isDryRun ? { ...context, isWaiter: false } : context);
      assertNotDryRun(isDryRun);
      return output;
    },
  };
}
