// What the end of a QEMU process means for its machine.

import { isOnTrial } from './accelerator.js';
import type { MachineRecord } from './machine-record.js';

export interface End {
  /** Of the machine as it was when its process ended. */
  readonly record: MachineRecord;
  /** The guest powered itself off. */
  readonly hasGuestShutDown: boolean;
  /** Why we ended the process ourselves, when nobody had asked. */
  readonly failure: string | undefined;
  /** What QEMU said last; may be empty. */
  readonly lastWords: string;
}

export type Verdict =
  /** `reason`: when neither a client nor the guest asked for it. */
  | { readonly kind: 'off'; readonly reason: string | undefined }
  /** KVM failed it before its guest came to life; `isLesson`: it may be why on other machines, too. */
  | { readonly kind: 'retry'; readonly failure: string; readonly isLesson: boolean };

export function judgeEnd({ record, hasGuestShutDown, failure, lastWords }: End): Verdict {
  const { state, acceleration, isAlive = false } = record;
  const isAskedFor = hasGuestShutDown || (state !== 'starting' && state !== 'running');
  const said = [failure, lastWords].filter((text) => text !== undefined && text !== '').join(': ');
  if (isAskedFor) return { kind: 'off', reason: undefined };
  const isKvmToBlame = state === 'starting' && !isAlive && acceleration !== undefined && isOnTrial(acceleration);
  if (!isKvmToBlame) return { kind: 'off', reason: said === '' ? undefined : said };
  // A process that somebody killed says nothing either, and that is no fault of a KVM that has been seen to work.
  const isLesson = said !== '' || acceleration.basis === 'untried';
  return { kind: 'retry', failure: said === '' ? 'QEMU ended without a word' : said, isLesson };
}
