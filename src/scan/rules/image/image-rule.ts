import type { Check, PolicyName } from '../../finding.js';
import type { FactName, ImageMetadata } from '../../image-metadata.js';
import type { Fault } from '../rule.js';

/** What rules over an AMI's metadata see. */
export interface ImageRuleContext {
  readonly image: ImageMetadata;
  readonly policy: PolicyName;
  readonly now: Date;
  /** Records that a check could not be decided. */
  skip(check: string, reason: string): void;
}

/** Rows of the catalogue beside the code that decides them over an AMI's metadata. */
export interface ImageRuleGroup {
  readonly checks: readonly Check[];
  evaluate(context: ImageRuleContext): Iterable<Fault>;
}

/** Skips a check for want of a fact, with the reason that was met when it was asked for. */
export function skipUnknown(context: ImageRuleContext, check: string, fact: FactName): void {
  const unknown = context.image.unknown.find((each) => each.fact === fact);
  context.skip(check, unknown?.reason ?? 'EC2 does not say');
}
