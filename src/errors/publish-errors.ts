// Codes of one part of the house, for the table in ../errors.ts.
import { ExitCode } from '../exit-code.js';

export const publishErrors = {
  BOOT_TEST_FAILED: {
    exit: ExitCode.buildFailed,
    message: (imageId: string, reason: string, detail: string) =>
      `${imageId} did not pass its boot test: ${reason}${detail === '' ? '' : `\n${detail}`}`,
  },
  IMAGE_COPY_FAILED: {
    exit: ExitCode.buildFailed,
    message: (name: string, region: string, state: string) => `The copy of ${name} in ${region} is ${state}`,
    hint: 'An encrypted copy needs a key of that region which these credentials may use (kms:CreateGrant, kms:ReEncrypt*).',
  },
  PARAMETER_NOT_WRITTEN: {
    exit: ExitCode.buildFailed,
    message: (name: string, region: string, wanted: string, actual: string) =>
      `SSM took ${wanted} for ${name} in ${region}, but the parameter ${actual}`,
    hint: 'SSM writes an image id only when ssm.amazonaws.com finds the image there, and refuses without a word otherwise.',
  },
  PUBLISH_REFUSED: {
    exit: ExitCode.missing,
    message: (image: string, list: string) => `Image ${image} cannot be published as its config says:\n${list}`,
    hint: 'Nothing was made. `buildimg plan` shows this as well.',
  },
  PUBLISH_INCOMPLETE: {
    exit: ExitCode.leftBehind,
    message: (amiId: string, step: string, reason: string) =>
      `${amiId} is there and others may use it, so it stays; but its publication stopped at "${step}": ${reason}`,
    hint: 'Build again: what is there is left as it is, and what is missing is done.',
  },
} as const;
