import { describe, expect, it } from '@jest/globals';
import type { BuildOutcome } from '../../src/build/build-request.js';
import { createPaint } from '../../src/cli/paint.js';
import { summarizeBuilds } from '../../src/cli/summarize-builds.js';
import { createError } from '../../src/errors.js';

describe('summarizeBuilds', () => {
  it('has a line for each image in the order of the config, and counts them', () => {
    const built = { outcome: 'built', amiId: 'ami-1', amiName: 'web-1', region: 'us-east-1', elapsedMs: 61_000 };
    const unchanged = { ...built, outcome: 'unchanged', amiId: 'ami-2', amiName: 'api-1', region: 'eu-west-1' };

    const lines = summarizeBuilds(
      [
        { image: 'web', outcome: built as BuildOutcome },
        { image: 'api', outcome: unchanged as BuildOutcome },
        { image: 'mailer', error: createError('AWS_THROTTLED', ['ec2:RunInstances', 'us-east-1', 10]) },
        { image: 'late', error: createError('BUILD_STOPPED', ['mailer']) },
      ],
      125_000,
      createPaint(false),
    );

    expect(lines).toEqual([
      'web     built      ami-1  us-east-1  web-1  1 min 01 s',
      'api     unchanged  ami-2  eu-west-1  api-1',
      'mailer  failed     AWS_THROTTLED AWS refused ec2:RunInstances in us-east-1 for 10 minutes, because this account makes too many calls',
      'late    stopped    BUILD_STOPPED Stopped because image mailer failed (--fail-fast); what was created has been removed',
      '1 built, 1 unchanged, 1 failed, 1 stopped in 2 min 05 s',
    ]);
  });
});
