// Codes of one part of the house, for the table in ../errors.ts.
import { ExitCode } from '../exit-code.js';

export const catalogueErrors = {
  CATALOGUE_OTHER_ACCOUNT: {
    exit: ExitCode.missing,
    message: (account: string, actual: string) => `These credentials are of account ${actual}, not of ${account}`,
    hint: 'Use credentials of that account: nothing is looked for, or removed, in another.',
  },
  CATALOGUE_IMAGE_NOT_FOUND: {
    exit: ExitCode.missing,
    message: (given: string, region: string) => `There is no image ${given} in ${region}`,
    hint: 'Name it by its AMI id, the name of the AMI, image@version or image@latest; buildimg images lists them.',
  },
  PATTERN_INVALID: {
    exit: ExitCode.usage,
    message: (pattern: string, problem: string) => `${pattern} is no pattern that can be used: ${problem}`,
    hint: '* and ? match inside a name, ** over folders, [a-z] one character, {a,b} either.',
  },
  CATALOGUE_NAME_UNKNOWN: {
    exit: ExitCode.missing,
    message: (name: string, regions: string) =>
      `No image of a build is named ${name} in ${regions}; nothing was removed`,
    hint: 'buildimg images lists them. An option takes one value: give it again for another, as in -r us-east-1 -r eu-west-1.',
  },
  CATALOGUE_IMAGE_AMBIGUOUS: {
    exit: ExitCode.usage,
    message: (given: string, choices: string) => `${given} may be any of ${choices}`,
    hint: 'Name one of them by its AMI id.',
  },
  CATALOGUE_IMAGE_UNFIT: {
    exit: ExitCode.missing,
    message: (id: string, state: string) => `${id} is ${state}, not available`,
    hint: 'Wait until it is available, or name another image.',
  },
  PROMOTE_FINDINGS: {
    exit: ExitCode.findings,
    message: (id: string, problem: string) => `${id} is not promoted: it ${problem}`,
    hint: 'Build it anew without them, raise --fail-on, or promote it all the same with --allow-findings.',
  },
  CATALOGUE_DURATION: {
    exit: ExitCode.usage,
    message: (text: string) => `"${text}" is not a time span`,
    hint: 'Write a number and h, d or w: 12h, 90d, 8w.',
  },
} as const;
