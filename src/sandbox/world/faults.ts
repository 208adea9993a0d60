// What goes wrong on purpose. A plan is a list of faults; each waits for calls of its action and happens to some of them.
import { createError } from '../../errors.js';
import { AwsError } from '../wire/aws-error.js';
import { createBlindness, type Sighting, type Unseen } from './unseen.js';

export interface Fault {
  /** `ec2:RunInstances`; `ec2:*` is every action of a service; `sandbox:capture` is the copying of a disk. */
  readonly action: string;
  /** Only in this region. */
  readonly region?: string;
  /** Only to this account's calls. */
  readonly account?: string;
  /** Only when members of the input are so, by their paths: `{ "Placement.AvailabilityZone": "us-east-1a" }`. */
  readonly where?: Readonly<Record<string, string>>;
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
  /** What is not found for a while after its creation. */
  readonly unseen?: readonly Unseen[];
}

export interface FaultPlan {
  /** Replaces the plan; counts begin again. Errors: SANDBOX_FAULTS_INVALID. */
  load(plan: unknown): void;
  /** What happens to this call. Counts it. Errors: AwsError RequestLimitExceeded, ThrottlingException. */
  take(action: string, place: FaultPlace): FaultEffect | undefined;
  /** Whether a request does not see a resource that is too new. */
  hides(sighting: Sighting): boolean;
}

export interface FaultPlace {
  readonly region: string;
  readonly accountId: string;
  readonly nowMs: number;
  readonly input?: unknown;
}

export function createFaultPlan(now: () => Date): FaultPlan {
  const blindness = createBlindness(now);
  let faults: readonly (Fault & { seen: number })[] = [];
  let throttles: readonly Throttle[] = [];
  const buckets = new Map<string, { tokens: number; atMs: number }>();

  function spend(throttle: Throttle, key: string, nowMs: number): void {
    const bucket = buckets.get(key) ?? { tokens: throttle.burst, atMs: nowMs };
    const refilled = bucket.tokens + ((nowMs - bucket.atMs) / 1000) * throttle.perSecond;
    const tokens = Math.min(throttle.burst, refilled) - 1;
    buckets.set(key, { tokens: Math.max(tokens, 0), atMs: nowMs });
    if (tokens < 0) throw createThrottling(throttle.action);
  }

  return {
    load(plan) {
      const checked = checkFaultPlan(plan);
      blindness.load(checked.unseen ?? []);
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
    hides: (sighting) => blindness.hides(sighting),
  };
}

function createThrottling(action: string): AwsError {
  // EC2 and EBS have words of their own for it.
  if (action.startsWith('ec2:')) return new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
  if (action.startsWith('ebs:')) {
    return new AwsError('RequestThrottledException', 'Rate exceeded', 400, { Reason: 'ACCOUNT_THROTTLED' });
  }
  return new AwsError('ThrottlingException', 'Rate exceeded', 400);
}

function matches(pattern: string, action: string): boolean {
  return pattern === action || (pattern.endsWith(':*') && action.startsWith(pattern.slice(0, -1)));
}

function isIn({ region, account, where = {} }: Fault, place: FaultPlace): boolean {
  return (
    (region ?? place.region) === place.region &&
    (account ?? place.accountId) === place.accountId &&
    Object.entries(where).every(([path, value]) => String(readPath(place.input, path)) === value)
  );
}

function readPath(input: unknown, path: string): unknown {
  let value = input;
  for (const member of path.split('.')) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[member] : undefined;
  }
  return value;
}

const KINDS = ['image', 'instance', 'snapshot'];
const EFFECTS = ['error', 'lost-response', 'lost-request', 'delay', 'answer'];

/**
 * Checks a plan from outside.
 *
 * @throws SANDBOX_FAULTS_INVALID
 */
export function checkFaultPlan(plan: unknown): FaultPlanData {
  const {
    faults = [],
    throttles = [],
    unseen = [],
    ...unknown
  } = (plan ?? {}) as FaultPlanData & Record<string, unknown>;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) throw createError('SANDBOX_FAULTS_INVALID', [`it has an unknown key "${stranger}"`]);
  if (![faults, throttles, unseen].every(Array.isArray)) {
    throw createError('SANDBOX_FAULTS_INVALID', ['faults, throttles and unseen are lists']);
  }
  assertEach<Fault>(faults, isFault, 'is no fault');
  assertEach<Throttle>(throttles, isThrottle, 'is no throttle');
  assertEach<Unseen>(unseen, isUnseen, 'hides nothing');
  return { faults, throttles, unseen };
}

function assertEach<Item>(items: readonly unknown[], isRight: (item: Partial<Item>) => boolean, reason: string): void {
  const wrong = items.find((item) => !isRight(item as Partial<Item>));
  if (wrong !== undefined) throw createError('SANDBOX_FAULTS_INVALID', [`${JSON.stringify(wrong)} ${reason}`]);
}

function isFault({ action, effect }: Partial<Fault>): boolean {
  return typeof action === 'string' && EFFECTS.includes(effect?.kind ?? '');
}

function isThrottle({ action, burst = 0, perSecond = 0 }: Partial<Throttle>): boolean {
  return typeof action === 'string' && burst >= 1 && perSecond > 0;
}

function isUnseen({ kind, calls = 0, ms = 0 }: Partial<Unseen>): boolean {
  return KINDS.includes(kind ?? '') && (calls >= 1 || ms > 0);
}
