import {
  DescribeInstancesCommand,
  EnableEbsEncryptionByDefaultCommand,
  EnableImageBlockPublicAccessCommand,
} from '@aws-sdk/client-ec2';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aPublishConfig, grantees } from '../../support/a-publish-config.js';
import { type Ec2Builds, startEc2Builds } from '../../support/an-ec2-build.js';
import { exitedWith } from '../../support/fake-instance-driver.js';

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
      expect(await parameters.findParameter('/acme/web')).toMatchObject({ type: 'String', value: id });
      expect(await parameters.findParameter('/acme/web/1.4.0')).toMatchObject({ type: 'String', value: id });
      expect(outcome.manifest.amis[region]?.id).toBe(id);
    }
  });

  it('does what is missing of an earlier publication, and nothing else', async () => {
    const first = aPublishConfig({ regions: [{ region: 'eu-west-1' }], parameter: { latest: '/acme/web' } });
    const grown = { ...first, regions: [...first.regions, { region: 'eu-central-1' }] };
    const built = await test.build({ publish: first });

    const again = await test.build({ publish: first });
    const more = await test.build({ publish: grown });

    const copy = await findCopy('eu-central-1', built.amiName);
    expect(again).toMatchObject({ outcome: 'unchanged', changes: [] });
    expect(more).toMatchObject({ outcome: 'unchanged', amiId: built.amiId });
    expect(more.changes).toEqual(['copied to eu-central-1', `/acme/web in eu-central-1 is ${copy?.id}`]);
    expect(more.manifest.amis['eu-west-1']).toEqual(built.manifest.amis['eu-west-1']);
  });

  it('leaves nothing in any region when a copy fails', async () => {
    test.sandbox.loadFaults({
      faults: [{ action: 'ec2:CopyImage', region: 'eu-central-1', effect: { kind: 'error', code: 'InvalidRequest' } }],
    });

    const failure = test.build({
      publish: aPublishConfig({ regions: [{ region: 'eu-west-1' }, { region: 'eu-central-1' }] }),
    });

    await expect(failure).rejects.toMatchObject({ code: 'AWS_REQUEST_FAILED', exit: 4 });
    expect(await test.listLeft()).toEqual([]);
    expect(await test.listLeft('eu-west-1')).toEqual([]);
  });

  it('keeps an image that others may use, says where it stopped, and goes on from there', async () => {
    const publish = aPublishConfig({
      regions: [{ region: 'eu-west-1' }],
      grantees: grantees({ accounts: [PARTNER] }),
      parameter: { latest: '/acme/web' },
    });
    test.sandbox.loadFaults({
      faults: [{ action: 'ssm:PutParameter', region: 'eu-west-1', effect: { kind: 'error', code: 'InternalFault' } }],
    });

    const failure = test.build({ publish });

    await expect(failure).rejects.toMatchObject({
      code: 'PUBLISH_INCOMPLETE',
      exit: 6,
      message: expect.stringContaining('stopped at "write /acme/web"'),
    });
    const [amiId] = await test.listLeft();
    const completed = await test.build({ publish });
    expect(completed).toMatchObject({ outcome: 'unchanged', amiId });
    const copy = await findCopy('eu-west-1', completed.amiName);
    expect(completed.changes).toContain(`/acme/web in eu-west-1 is ${copy?.id}`);
  });

  it('copies once and writes once when the replies are lost', async () => {
    test.sandbox.loadFaults({
      faults: [
        { action: 'ec2:CopyImage', effect: { kind: 'lost-response' } },
        { action: 'ssm:PutParameter', effect: { kind: 'lost-response' } },
      ],
    });

    const outcome = await test.build({
      publish: aPublishConfig({ regions: [{ region: 'eu-west-1' }], parameter: { latest: '/acme/web' } }),
    });

    const { id, snapshots } = outcome.manifest.amis['eu-west-1'] ?? { snapshots: [] };
    expect(await test.listLeft('eu-west-1')).toEqual([id, ...snapshots]);
  });

  it('refuses before it launches what EC2 would refuse when all is built', async () => {
    const own = await test.aws.findAccount();
    await test.ssm.send(new PutParameterCommand({ Name: '/acme/web', Value: 'a', Type: 'SecureString' }));

    const failure = test.build({
      publish: aPublishConfig({
        regions: [{ region: 'eu-nowhere-7' }],
        grantees: grantees({ accounts: [own] }),
        parameter: { latest: '/acme/web' },
      }),
    });

    await expect(failure).rejects.toMatchObject({
      code: 'PUBLISH_REFUSED',
      exit: 3,
      message: [
        'Image web cannot be published as its config says:',
        `  ${own} is the account that builds, and has the image already`,
        '  eu-nowhere-7: is not enabled for this account, or does not exist',
        '  us-east-1: /acme/web is a SecureString, and an image id is written as a String; delete it, or use another name',
      ].join('\n'),
    });
    expect(test.driver.launches).toEqual([]);
  });

  it('finds the default keys and the block of public images that sharing would fail at', async () => {
    await test.ec2In('eu-west-1').send(new EnableEbsEncryptionByDefaultCommand({}));
    await test.ec2.send(new EnableImageBlockPublicAccessCommand({ ImageBlockPublicAccessState: 'block-new-sharing' }));
    const regions = [{ region: 'eu-west-1' }];

    const shared = test.build({ publish: aPublishConfig({ regions, grantees: grantees({ accounts: [PARTNER] }) }) });
    await expect(shared).rejects.toThrow(/eu-west-1: EBS encrypts by default there, and what is under alias\/aws\/ebs/);
    const open = test.build({ publish: aPublishConfig({ regions, grantees: grantees({ isPublic: true }) }) });
    await expect(open).rejects.toThrow(/eu-west-1: EBS encrypts by default there.*\n?/);

    await expect(open).rejects.toThrow(/us-east-1: the account blocks public AMIs there/);
    expect(test.driver.launches).toEqual([]);
  });
});

describe('the boot test', () => {
  it('runs its command on an instance of the image, once, and ends the instance', async () => {
    const publish = aPublishConfig({ bootTest: { command: 'curl -fsS localhost/health', timeoutMinutes: 5 } });

    const outcome = await test.build({ publish });
    await test.build({ publish });

    const Filters = [{ Name: 'tag:buildimg:role', Values: ['boot-test'] }];
    const { Reservations = [] } = await test.ec2.send(new DescribeInstancesCommand({ Filters }));
    const tests = Reservations.flatMap(({ Instances = [] }) => Instances);
    expect(test.scripts.filter((script) => script.includes('curl -fsS localhost/health'))).toHaveLength(1);
    expect(tests.map(({ ImageId, State }) => [ImageId, State?.Name])).toEqual([[outcome.amiId, 'terminated']]);
    expect(tests[0]?.MetadataOptions?.HttpTokens).toBe('required');
    expect(await test.listLeft()).toEqual([outcome.amiId, ...outcome.snapshotIds]);
  });

  it('removes an image that fails it, before a copy or anybody else sees it', async () => {
    test.answers.set('curl -fsS', exitedWith(7, { stderr: 'curl: (7) Failed to connect' }));

    const failure = test.build({
      publish: aPublishConfig({
        bootTest: { command: 'curl -fsS localhost/health', timeoutMinutes: 5 },
        regions: [{ region: 'eu-west-1' }],
        parameter: { latest: '/acme/web' },
      }),
    });

    await expect(failure).rejects.toMatchObject({
      code: 'BOOT_TEST_FAILED',
      exit: 4,
      message: expect.stringContaining('curl: (7) Failed to connect'),
    });
    expect(await test.listLeft()).toEqual([]);
    expect(await test.listLeft('eu-west-1')).toEqual([]);
    expect(await test.aws.parameters.findParameter('/acme/web')).toBeUndefined();
  });
});

async function findCopy(region: string, name: string) {
  return await test.aws.inRegion(region).catalog.findImageByName(name);
}
