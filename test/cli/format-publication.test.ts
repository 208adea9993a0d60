import { describe, expect, it } from '@jest/globals';
import { formatPublication } from '../../src/cli/format-publication.js';
import { planImage } from '../../src/plan/plan-image.js';
import { aPublishConfig, grantees } from '../support/a-publish-config.js';
import { anImage, planFacts } from '../support/an-image.js';

describe('formatPublication', () => {
  it('has a line for each step, in their order', () => {
    const publish = aPublishConfig({
      bootTest: { command: 'true', timeoutMinutes: 5 },
      regions: [{ region: 'eu-west-1', kmsKeyId: 'alias/images' }, { region: 'eu-north-1' }],
      tags: { channel: 'stable' },
      deprecateAfterDays: 180,
      protect: { withCooldown: true },
      grantees: grantees({
        accounts: ['210987654321'],
        organizations: ['arn:aws:organizations::123456789012:organization/o-abcdefghij'],
      }),
      sharesSnapshots: true,
      parameter: { latest: '/acme/{image}' },
      manifestFile: '/config/web.json',
    });

    const lines = formatPublication(planImage(anImage({ publish }), planFacts()));

    expect(lines).toEqual([
      '  boot test until it is up, then: true',
      '  copy      to eu-west-1 (alias/images), eu-north-1',
      '  tag       channel=stable',
      '  deprecate 180 days after it is made',
      '  protect   from being deregistered, with a cooldown',
      '  share     with accounts 210987654321, organizations o-abcdefghij; its snapshots too',
      '  parameter /acme/web, in every region',
      '  manifest  /config/web.json',
    ]);
  });
});
