// A machine that runs with KVM has to show that it can: until a process of its guest has done something, its end is KVM's fault.

import { type AcceleratorFinding, isOnTrial } from './accelerator.js';
import type { MachineRecord } from './machine-record.js';
import type { QmpClient } from './qmp-client.js';
import { waitForLife } from './wait-for-life.js';

export interface Trial {
  /** Of the machine as it was started. */
  readonly record: MachineRecord;
  readonly qmp: QmpClient;
  readonly isSeenAlive: () => boolean;
  readonly lifeMs: number;
  readonly signal: AbortSignal;
}

export type TrialOutcome =
  /** `shown`: what is known of this host from now on. */
  | { readonly kind: 'passed'; readonly shown: AcceleratorFinding | undefined }
  | { readonly kind: 'failed'; readonly failure: string };

export const HALTED = 'KVM could not go on with the guest (internal error)';

/** Undefined when the machine's life shows nothing that is not known. Throws as waitForLife does. */
export async function watchTrial({
  record,
  qmp,
  isSeenAlive,
  lifeMs,
  signal,
}: Trial): Promise<TrialOutcome | undefined> {
  const { acceleration, isLesson = false, isAlive = false } = record;
  if (acceleration === undefined || isAlive || !(isOnTrial(acceleration) || isLesson)) return undefined;
  const limitMs = isOnTrial(acceleration) ? lifeMs : undefined;
  const outcome = await waitForLife({ qmp, isSeenAlive, limitMs, signal });
  if (outcome === 'halted') return { kind: 'failed', failure: HALTED };
  if (outcome === 'silent') {
    return { kind: 'failed', failure: `the guest showed no sign of life within ${lifeMs / 1_000} s` };
  }
  const isNews = isLesson || acceleration.basis === 'untried';
  return {
    kind: 'passed',
    shown: isNews ? { ...acceleration, basis: 'machine', why: describe(acceleration) } : undefined,
  };
}

function describe({ accelerator, why }: AcceleratorFinding): string {
  return accelerator === 'kvm' ? 'a machine has run with it' : why;
}
