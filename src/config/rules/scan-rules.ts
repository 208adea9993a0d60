import { inspectWaiver } from '../inspect-waiver.js';
import { quoteValue } from '../printable.js';
import { draftProblem } from '../problem.js';
import type { WaiverConfig } from '../resolved-config.js';
import type { ImageRule } from './image-rule.js';

/** A waiver of a check that there is not would wait for a finding that never comes, and its author would not know. */
export const waiversAreUsable: ImageRule = ({ scan }, { path }) =>
  (scan?.waivers ?? []).flatMap((waiver, index) =>
    inspectWaiver((waiver ?? {}) as Partial<WaiverConfig>).map((fault) => {
      const place = { path: [...path, 'scan', 'waivers', index, fault.key] };
      const value = quoteValue(waiver?.[fault.key]);
      if (fault.kind === 'no-pattern') return draftProblem('CONFIG_GLOB', place, [value, fault.problem]);
      return fault.kind === 'unknown'
        ? draftProblem('CONFIG_CHECK_UNKNOWN', place, [value, fault.near])
        : draftProblem('CONFIG_DAY', place, [value]);
    }),
  );
