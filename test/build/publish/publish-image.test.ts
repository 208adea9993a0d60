import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Ec2Builds, startEc2Builds } from '../../support/an-ec2-build.js';
import { aPublishConfig, grantees } from '../../support/a-publish-config.js';

const PARTNER = '210987654321';

let test: Ec2Builds;
beforeEach(async () => {
  test = await startEc2Builds();
});
afterEach(() => test.close());

describe('publishImage', () => {
  it('copies, deprecates, protects, shares and names the image in every region', async () => {
    const publish = aPublishConfig({
      regions: [{ region: 'eu-west-1' }, { region: 'eu-central-1' }],
      tags: { channel: 'stable' },
      deprecateAfterDays: 180,
      protect: { withCooldown: false },
      grantees: grantees({ accounts: [PARTNER] }),
      sharesSnapshots: true,
      parameter: { versioned: '/acme/{image}/{version}', latest: '/acme/{image}' },
    });

    const outcome = await test.build({ publish });

    for (const region of ['us-east-1', 'eu-west-1', 'eu-central-1']) {
      const { catalog, distribution, parameters } = test.aws.inRegion(region);
      const image = await catalog.findImageByName(outcome.amiName);
      const id = image?.id ?? '';
      expect(image).toMatchObject({
        state: 'available',
        protection: 'enabled-without-cooldown',
        tags: { channel: 'stable', 'buildimg:run': outcome.run, 'buildimg:image': 'web' },
      });
      const inDays = (Date.parse(image?.deprecatedAt ?? '') - Date.now()) / 86_400_000;
      expect(Math.round(inDays)).toBe(180);
      expect((await distribution.findLaunchPermissions(id)).accounts).toEqual([PARTNER]);
      expect((await distribution.findVolumePermissions(image?.snapshotIds[0] ?? '')).accounts).toEqual([PARTNER]);
      expect(await parameters.findParameter('/acme/web')).toEqual({ type: 'String', value: id });
      expect(await parameters.findParameter('/acme/web/1.4.0')).toEqual({ type: 'String', value: id });
      expect(outcome.manifest.amis[region]?.id).toBe(id);
    }
  });
});
