// SIGKILL right after every record of the journal: whatever is between two records may have happened or not. bench/kill.mjs
// does so with every fault of the catalogue; here are the few that have something to do with the moment.
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundleChild } from '../../support/bundle-child.js';
import { type KillCampaign, type KillPoint, type KillResult, openKillCampaign } from '../../support/kill-campaign.js';
import { listKillFaults } from '../../support/kill-faults.js';

const RECOVERED: KillResult = {
  isKilled: true,
  left: [],
  isRecovered: true,
  isOtherImage: false,
  touched: [],
  failures: [],
};

let child: string;
beforeAll(async () => {
  child = await bundleChild('test/support/ec2-build-child.ts');
});
afterAll(() => rmSync(dirname(child), { recursive: true }));

describe.each(['ssm', 'ssh'] as const)('a build over %s that is killed', (communicator) => {
  let campaign: KillCampaign;
  beforeAll(async () => {
    campaign = await openKillCampaign(child, communicator);
  });
  afterAll(() => campaign.close());

  it.each([
    ['leaves nothing after reap', 'reap'],
    ['ends in one image after resume, the one that was registered if it was', 'resume'],
  ] as const)(
    '%s, wherever it was killed',
    async (_, recovery) => {
      const results: KillResult[] = [];

      for (const point of await listPoints(campaign)) results.push(await campaign.run({ point, recovery }));

      expect(results.length).toBeGreaterThan(5);
      expect(results).toEqual(results.map(() => RECOVERED));
    },
    600_000,
  );
});

describe('a build that is killed', () => {
  let campaign: KillCampaign;
  beforeAll(async () => {
    campaign = await openKillCampaign(child);
  });
  afterAll(() => campaign.close());

  it.each([
    ['ec2:RunInstances lost-response', { record: 2 }, 'resume'],
    ['ec2:RunInstances lost-response', { record: 2 }, 'reap'],
    ['ec2:CreateImage lost-response', { record: 5 }, 'resume'],
    ['ec2:CreateImage lost-request', { record: 5 }, 'reap'],
    ['sandbox:capture failed', { record: 5 }, 'resume'],
    ['ec2:DescribeImages stale after 2', { call: 'ec2:CreateImage' }, 'resume'],
    ['ec2:DescribeInstances stale after 0', { call: 'ec2:RunInstances' }, 'reap'],
    ['ec2:TerminateInstances lost-request', { call: 'ec2:TerminateInstances' }, 'reap'],
  ] as const)(
    'survives %s on top, killed at %j, by %s',
    async (name, point, recovery) => {
      const { fault } = listKillFaults().find((each) => each.name === name) ?? {};

      const { left, isRecovered, isOtherImage } = await campaign.run({
        point,
        recovery,
        ...(fault === undefined ? {} : { fault }),
      });

      expect(fault).toBeDefined();
      expect({ left, isRecovered, isOtherImage }).toEqual({ left: [], isRecovered: true, isOtherImage: false });
    },
    600_000,
  );
});

async function listPoints(campaign: KillCampaign): Promise<readonly KillPoint[]> {
  const records = await campaign.countRecords();
  return Array.from({ length: records }, (_, index) => ({ record: index + 1 }));
}
