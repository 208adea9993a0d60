// What goes wrong on purpose. A plan is a list of faults; each waits for calls of its action and happens to some of them.
import { createError } from '../../errors.js';
import { AwsError } from '../wire/aws-error.js';

export interface Fault {
  /** `ec2:RunInstances`; `ec2:*` is every action of a service; `sandbox:capture` is the copying of a disk. */
  readonly action: string;
  /** Only in this region. */
  readonly region?: string;
  /** Only to this account's calls. */
  readonly account?: string;
  /** Matching calls that are let through first. */
  readonly skip?: number;
  /** Calls that it happens to, default 1. */
  readonly times?: number;
  readonly effect: FaultEffect;
}

export type FaultEffect =
  /** The call is refused and nothing is done. */
  | { readonly kind: 'error'; readonly code: string; readonly message?: string; readonly status?: number }
  /** It is done, but the caller never hears of it. */
  | { readonly kind: 'lost-response' }
  /** The caller never hears of it, and it is not done. */
  | { readonly kind: 'lost-request' }
  /** It waits this long first. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** It gets this answer, and nothing is done. */
  | { readonly kind: 'answer'; readonly output: object };

export interface Throttle {
  /** As of a fault. Buckets are per account, region and action. */
  readonly action: string;
  readonly burst: number;
  readonly perSecond: number;
}

export interface FaultPlanData {
  readonly faults?: readonly Fault[];
  readonly throttles?: readonly Throttle[];
}

export interface FaultPlan {
  /** Replaces the plan; counts begin again. Errors: SANDBOX_FAULTS_INVALID. */
  load(plan: unknown): void;
  /** What happens to this call. Counts it. Errors: AwsError RequestLimitExceeded, ThrottlingException. */
  take(action: string, place: FaultPlace): FaultEffect | undefined;
}

export interface FaultPlace {
  readonly region: string;
  readonly accountId: string;
  readonly nowMs: number;
}

export function createFaultPlan(): FaultPlan {
  let faults: readonly (Fault & { seen: number })[] = [];
  let throttles: readonly Throttle[] = [];
  const buckets = new Map<string, { tokens: number; atMs: number }>();

  function spend(throttle: Throttle, key: string, nowMs: number): void {
    const bucket = buckets.get(key) ?? { tokens: throttle.burst, atMs: nowMs };
    const refilled = bucket.tokens + ((nowMs - bucket.atMs) / 1000) * throttle.perSecond;
    const tokens = Math.min(throttle.burst, refilled) - 1;
    buckets.set(key, { tokens: Math.max(tokens, 0), atMs: nowMs });
    if (tokens >= 0) return;
    // EC2 has a word of its own for it.
    if (key.includes(' ec2:')) throw new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
    throw new AwsError('ThrottlingException', 'Rate exceeded', 400);
  }

  return {
    load(plan) {
      const checked = checkPlan(plan);
      faults = (checked.faults ?? []).map((fault) => ({ ...fault, seen: 0 }));
      throttles = checked.throttles ?? [];
      buckets.clear();
    },
    take(action, place) {
      const throttle = throttles.find((each) => matches(each.action, action));
      if (throttle !== undefined) spend(throttle, `${place.accountId} ${place.region} ${action}`, place.nowMs);
      for (const fault of faults) {
        if (!matches(fault.action, action) || !isIn(fault, place)) continue;
        fault.seen += 1;
        const { skip = 0, times = 1 } = fault;
        if (fault.seen > skip && fault.seen <= skip + times) return fault.effect;
      }
      return undefined;
    },
  };
}

function matches(pattern: string, action: string): boolean {
  return pattern === action || (pattern.endsWith(':*') && action.startsWith(pattern.slice(0, -1)));
}

function isIn({ region, account }: Fault, place: FaultPlace): boolean {
  return (region ?? place.region) === place.region && (account ?? place.accountId) === place.accountId;
}

const EFFECTS = ['error', 'lost-response', 'lost-request', 'delay', 'answer'];

function checkPlan(plan: unknown): FaultPlanData {
  const { faults = [], throttles = [], ...unknown } = (plan ?? {}) as FaultPlanData & Record<string, unknown>;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) throw createError('SANDBOX_FAULTS_INVALID', [`it has an unknown key "${stranger}"`]);
  if (!Array.isArray(faults) || !Array.isArray(throttles)) {
    throw createError('SANDBOX_FAULTS_INVALID', ['faults and throttles are lists']);
  }
  for (const fault of faults as readonly Partial<Fault>[]) {
    const isRight = typeof fault.action === 'string' && EFFECTS.includes(fault.effect?.kind ?? '');
    if (!isRight) throw createError('SANDBOX_FAULTS_INVALID', [`${JSON.stringify(fault)} is no fault`]);
  }
  for (const each of throttles as readonly Partial<Throttle>[]) {
    const isRight = typeof each.action === 'string' && (each.burst ?? 0) >= 1 && (each.perSecond ?? 0) > 0;
    if (!isRight) throw createError('SANDBOX_FAULTS_INVALID', [`${JSON.stringify(each)} is no throttle`]);
  }
  return { faults, throttles };
}
