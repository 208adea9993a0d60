import { describe, expect, it } from '@jest/globals';
import { formatFailure } from '../../src/cli/format-failure.js';

describe('formatFailure', () => {
  it('gives code and step first, then what was said and heard', () => {
    const lines = formatFailure({
      code: 'PACKER_BUILD_FAILED',
      step: 'install-nginx',
      message: 'packer failed\nE: Unable to locate package ngnix',
      output: ['Reading package lists...', 'E: Unable to locate package ngnix'],
      console: 'Kernel panic',
    });

    expect(lines.join('\n')).toBe(`
Failure: PACKER_BUILD_FAILED in step "install-nginx"
  packer failed
  E: Unable to locate package ngnix

Last output
  Reading package lists...
  E: Unable to locate package ngnix

Console
  Kernel panic`);
  });

  it('leaves out what nobody knows', () => {
    const lines = formatFailure({ code: 'AWS_CREDENTIALS_EXPIRED', message: 'They have expired', output: [] });

    expect(lines).toEqual(['', 'Failure: AWS_CREDENTIALS_EXPIRED', '  They have expired']);
  });
});
