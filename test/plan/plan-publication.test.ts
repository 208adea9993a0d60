import { describe, expect, it } from '@jest/globals';
import { planImage } from '../../src/plan/plan-image.js';
import { planPublication } from '../../src/plan/plan-publication.js';
import { postProcessors } from '../../src/plugins/post-processors.js';
import { aPublishConfig, grantees } from '../support/a-publish-config.js';
import { anImage, planFacts } from '../support/an-image.js';

const DIGEST = '0a1b2c3d'.repeat(8);
const everything = aPublishConfig({
  manifestFile: '/config/web.json',
  parameter: { latest: '/acme/{image}', versioned: '/acme/{image}/{version}-{inputs}' },
  grantees: grantees({ accounts: ['210987654321'] }),
  protect: { withCooldown: true },
  deprecateAfterDays: 30,
  tags: { channel: 'stable' },
  regions: [{ region: 'eu-west-1' }],
  bootTest: { timeoutMinutes: 15 },
});

describe('planPublication', () => {
  it('tests before it copies, copies before it shares, and moves the latest parameter when all else is done', () => {
    const steps = planPublication(anImage({ publish: everything }), DIGEST);

    expect(steps.map((step) => ('role' in step ? `${step.role} ${step.name}` : step.kind))).toEqual([
      'boot-test',
      'copy',
      'tag',
      'deprecate',
      'protect',
      'share',
      'versioned /acme/web/1.4.0-0a1b2c3d',
      'latest /acme/web',
      'manifest',
    ]);
  });

  it('plans nothing that the config does not ask for', () => {
    const steps = [undefined, aPublishConfig()].map((publish) =>
      planPublication(anImage(publish === undefined ? {} : { publish }), DIGEST),
    );

    expect(steps).toEqual([[], []]);
  });

  it('is no part of what names the image', () => {
    const [plain, published] = [anImage(), anImage({ publish: everything })].map((image) =>
      planImage(image, planFacts()),
    );

    expect(published?.amiName).toBe(plain?.amiName);
  });

  it('has a post-processor of the name for every kind of step', () => {
    const steps = planPublication(anImage({ publish: everything }), DIGEST);

    expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(postProcessors.keys()));
  });
});
