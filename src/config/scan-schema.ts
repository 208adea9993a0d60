// The `scan` section of an image. A file of waivers has the shape of its `waivers`.
import { Type } from 'typebox';
import { failOnNames, policyNames } from './scan-names.js';
import { Closed, StringEnum, Text } from './schema-types.js';

const WaiverSchema = Closed({
  check: Text({ description: 'Id of the check, or a pattern of ids: SEC-*.', minLength: 1, maxLength: 60 }),
  path: Type.Optional(
    Text({ description: 'Pattern of paths (/opt/**); without it the check is waived as a whole.', minLength: 1 }),
  ),
  reason: Text({
    description: 'Why it is accepted; shown in the report.',
    pattern: '\\S',
    patternErrorMessage: 'a waiver says why',
  }),
  expires: Text({
    description: 'Last day on which it holds.',
    pattern: '^\\d{4}-\\d\\d-\\d\\d$',
    patternErrorMessage: 'a day is written like 2027-01-31',
  }),
});

export const ScanSchema = Closed({
  policy: Type.Optional(
    StringEnum(policyNames, {
      description: 'What is asked of the image; by default the profile of `harden`, and baseline without one.',
    }),
  ),
  failOn: Type.Optional(
    StringEnum(failOnNames, {
      default: 'high',
      description: 'A finding of this severity or worse ends the build with exit 5, and no AMI is left.',
    }),
  ),
  allowGaps: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Accept that a system folder or a volume could not be read; otherwise that fails like a finding.',
    }),
  ),
  waivers: Type.Optional(
    Type.Array(WaiverSchema, { maxItems: 1000, default: [], description: 'Findings that are accepted until a day.' }),
  ),
});
