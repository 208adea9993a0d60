// SIGKILL of buildimg in a build by a packer of 1.16, beside resources of others; bench/kill.mjs does so at every record.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundleChild } from '../support/bundle-child.js';
import { type KillCampaign, type KillResult, openKillCampaign } from '../support/kill-campaign.js';
import { bundleStandIn, writeStandIn } from '../support/stand-in-packer/write-stand-in.js';

const RECOVERED: KillResult = {
  isKilled: true,
  left: [],
  isRecovered: true,
  isOtherImage: false,
  touched: [],
  failures: [],
};

let folder: string;
let bundles: readonly string[];
let campaign: KillCampaign;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kill-packer-'));
  const child = await bundleChild('test/support/ec2-build-child.ts');
  const program = await bundleStandIn();
  bundles = [child, program];
  const { path } = writeStandIn(folder, { transcript: 'packer-1.16.0', program });
  campaign = await openKillCampaign(child, { packer: path });
});
afterAll(async () => {
  await campaign.close();
  for (const each of [...bundles.map((file) => dirname(file)), folder]) rmSync(each, { recursive: true });
});

describe('a build by packer that is killed', () => {
  it.each([
    ['when it has learned of its instance', { record: 5 }],
    ['while packer has its image made', { call: 'ec2:CreateImage' }],
  ] as const)(
    '%s leaves nothing after reap, and touches nothing of others',
    async (_, point) => {
      expect(await campaign.run({ point, recovery: 'reap' })).toEqual(RECOVERED);
    },
    600_000,
  );
});
