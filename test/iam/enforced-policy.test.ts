// The printed policy is enough for everything that builds do, and no statement of it is idle: a sandbox that lets through
// only what a policy allows.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BuilderConfig, ResolvedImage } from '../../src/config/resolved-config.js';
import { buildPolicy } from '../../src/iam/build-policy.js';
import type { PolicyDocument } from '../../src/iam/policy-document.js';
import { getDefaultVpc } from '../../src/sandbox/world/regions.js';
import { writeCapturedDisk } from '../support/a-captured-disk.js';
import { aPublishConfig, grantees } from '../support/a-publish-config.js';
import { anImage } from '../support/an-image.js';
import { bundleChild } from '../support/bundle-child.js';
import { openKillCampaign } from '../support/kill-campaign.js';
import { isRefusal, listCalls, tryPolicy } from '../support/policy-trial.js';

/** Granted, and not called by the builds below: on rare paths, or no calls at all. */
const NOT_CALLED: Readonly<Record<string, string>> = {
  'ec2:GetConsoleOutput': 'when the agent has been silent for a quarter of an hour',
  'ssm:ListCommandInvocations': 'when several builds ask at once',
  'ec2:DeleteVolume': 'when EC2 leaves a volume behind that was to go with its instance',
  'ec2:DescribeInstanceStatus': 'when the checks of EC2 are done before the agent is there',
  'sts:GetCallerIdentity': 'when somebody asks whose credentials these are',
  'iam:PassRole': 'what RunInstances with a profile takes',
  'ssm:AddTagsToResource': 'what PutParameter with tags takes',
};
/** Statements with nothing but such actions. */
const IDLE = ['RemoveVolumesOfRuns'];
/** Beside those: what is there when an earlier config has copied without the tags, and what comes before the agent is there. */
const IDLE_IN_PUBLISHING = [
  'TagPublishedImages',
  'RemoveVolumesOfRuns',
  'RemoveCopiesOfRuns',
  'WatchTheBootTest',
  'ReadTheConsoleOfBootTests',
];

const PUBLISH = aPublishConfig({
  bootTest: { command: 'true', timeoutMinutes: 5 },
  regions: [{ region: 'eu-west-1' }],
  tags: { channel: 'stable' },
  deprecateAfterDays: 180,
  protect: { withCooldown: false },
  grantees: grantees({ accounts: ['210987654321'] }),
  sharesSnapshots: true,
  parameter: { versioned: '/acme/{image}/{version}', latest: '/acme/{image}' },
});

let folder: string;
let disk: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'enforced-'));
  disk = writeCapturedDisk(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the policy of a config', () => {
  it.each([
    ['ec2', 'ec2', {}],
    ['ec2 over SSH', 'ec2', { communicator: 'ssh', sshUsername: userInfo().username }],
    ['packer', 'packer', {}],
    ['packer in a subnet', 'packer', { subnetId: subnetOf('us-east-1') }],
    ['packer in a VPC', 'packer', { vpcId: getDefaultVpc('us-east-1').id }],
  ] as const)(
    'is enough for a build by %s, and holds nothing that it does not need',
    async (_, type, changes) => {
      const image = anImageBy({ type, ...changes });
      const policies = buildPolicy([image]);

      const { refusals, outcomes, idle, calls } = await tryPolicy({ policies, image, disk });

      const granted = listActions(policies);
      expect(refusals).toEqual([]);
      expect(outcomes[0]).toBe('built');
      expect(idle).toEqual(IDLE);
      expect([...calls].filter((action) => !granted.has(action))).toEqual([]);
      expect([...granted].filter((action) => !calls.has(action) && !(action in NOT_CALLED))).toEqual([]);
    },
    300_000,
  );

  it.each(['ec2', 'packer'] as const)(
    'is enough to publish what %s built, in two regions',
    async (type) => {
      const image = { ...anImageBy({ type }), publish: PUBLISH };
      const policies = buildPolicy([image]);

      const { refusals, outcomes, idle, calls } = await tryPolicy({ policies, image, disk });

      const granted = listActions(policies);
      expect(refusals).toEqual([]);
      expect(outcomes[0]).toBe('built');
      expect(idle.filter((sid) => !IDLE_IN_PUBLISHING.includes(sid))).toEqual([]);
      expect([...calls].filter((action) => !granted.has(action))).toEqual([]);
      expect([...granted].filter((action) => !calls.has(action) && !(action in NOT_CALLED))).toEqual([]);
    },
    300_000,
  );

  it('is enough to resume and to reap what was killed', async () => {
    const child = await bundleChild('test/support/ec2-build-child.ts');
    const campaign = await openKillCampaign(child);
    const policies = buildPolicy([anImageBy({ type: 'ec2', iamInstanceProfile: 'ssm' })]);

    const resumed = await campaign.run({ point: { call: 'ec2:RunInstances' }, recovery: 'resume', policies });
    const reaped = await campaign.run({ point: { call: 'ec2:CreateImage' }, recovery: 'reap', policies });

    await campaign.close();
    rmSync(dirname(child), { recursive: true });
    expect([resumed, reaped]).toEqual([
      { isKilled: true, isRecovered: true, isOtherImage: false, left: [], touched: [], failures: [] },
      { isKilled: true, isRecovered: true, isOtherImage: false, left: [], touched: [], failures: [] },
    ]);
    expect(campaign.log.filter(isRefusal)).toEqual([]);
    expect([...listCalls(campaign.log)]).toEqual(
      expect.arrayContaining(['ec2:DeregisterImage', 'sts:GetCallerIdentity']),
    );
  }, 300_000);

  it.each(['RemoveVolumesOfRuns', 'LaunchVolumesAndInterfacesOfRuns', 'PassTheRoleOfTheInstance'])(
    'is refused where %s is taken out of it, unless it was idle',
    async (sid) => {
      const image = anImageBy({ type: 'ec2' });
      const policies = buildPolicy([image]).map((policy) => without(policy, sid));

      const { refusals } = await tryPolicy({ policies, image, disk });

      expect(refusals.length > 0).toBe(!IDLE.includes(sid));
    },
    300_000,
  );
});

function anImageBy(changes: Partial<BuilderConfig>): ResolvedImage {
  // A scan that may refuse has to read the snapshot; otherwise not being able to is a warning.
  return anImage({
    scan: { policy: 'baseline', failOn: 'critical', waivers: [] },
    builder: { ...anImage().builder, iamInstanceProfile: 'builder', ...changes },
  });
}

function subnetOf(region: string): string {
  return getDefaultVpc(region).subnets[0]?.id ?? '';
}

function listActions(policies: readonly PolicyDocument[]): ReadonlySet<string> {
  return new Set([
    ...policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action)),
    'sts:GetCallerIdentity',
  ]);
}

function without(policy: PolicyDocument, sid: string): PolicyDocument {
  return { ...policy, Statement: policy.Statement.filter(({ Sid }) => Sid !== sid) };
}
