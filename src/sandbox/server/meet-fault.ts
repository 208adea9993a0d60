import { AwsError } from '../wire/aws-error.js';
import type { FaultEffect } from '../world/faults.js';
import type { RequestContext } from '../world/services.js';

/** Waits and refuses as the fault plan says; what else it says is for the caller to do. */
export async function meetFault(
  { faults, clock, signal, region, accountId }: RequestContext,
  action: string,
  input: unknown,
): Promise<FaultEffect | undefined> {
  const fault = faults.take(action, { region, accountId, nowMs: clock.now().getTime(), input });
  if (fault?.kind === 'delay') await clock.wait(fault.ms, signal);
  if (fault?.kind !== 'error') return fault;
  throw new AwsError(fault.code, fault.message ?? `${fault.code}, as the fault plan says`, fault.status);
}
