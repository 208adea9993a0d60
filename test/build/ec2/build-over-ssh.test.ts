import { existsSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { DescribeKeyPairsCommand, DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Ec2Builds, startEc2Builds } from '../../support/an-ec2-build.js';
import { anImage } from '../../support/an-image.js';

const builder = {
  ...anImage().builder,
  type: 'ec2',
  communicator: 'ssh',
  sshUsername: userInfo().username,
} as const;

let test: Ec2Builds;
beforeEach(async () => {
  test = await startEc2Builds();
});
afterEach(() => test.close());

describe('the builder ec2 over SSH', () => {
  it('makes the image without an instance profile, and leaves only the image', async () => {
    test.steps.set('seal', { output: 'erased the logs\nsealed\n', exitCodes: [0] });

    const outcome = await test.build({ builder });

    const lines = test.events.flatMap((event) => (event.name === 'output.received' ? [event.line] : []));
    expect(lines).toEqual(['erased the logs', 'sealed']);
    expect(test.driver.launches[0]?.metadata.iamInstanceProfile).toBeUndefined();
    expect(await test.listLeft()).toEqual([outcome.amiId, ...outcome.snapshotIds]);
  });

  it('gives EC2 no key pair, and lets nobody in but its own address', async () => {
    const seen: unknown[] = [];
    test.answerBefore(async () => {
      const { KeyPairs } = await test.ec2.send(new DescribeKeyPairsCommand({}));
      const { SecurityGroups = [] } = await test.ec2.send(new DescribeSecurityGroupsCommand({}));
      const group = SecurityGroups.find(({ GroupName = '' }) => GroupName.startsWith('buildimg-'));
      seen.push({ KeyPairs, rules: group?.IpPermissions, tags: group?.Tags?.map(({ Key }) => Key) });
    });

    await test.build({ builder }, { sshSourceCidr: '203.0.113.7/32' });

    expect(seen[0]).toMatchObject({
      KeyPairs: [],
      rules: [{ FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '203.0.113.7/32' }] }],
      tags: expect.arrayContaining(['buildimg:run', 'buildimg:expires']),
    });
  });

  it('takes the security groups of the config and makes none', async () => {
    const { SecurityGroups: [group] = [] } = await test.ec2.send(new DescribeSecurityGroupsCommand({}));

    await test.build({ builder: { ...builder, securityGroupIds: [group?.GroupId ?? ''] } });

    expect(test.events.filter((event) => event.name === 'resource.created' && event.kind === 'security-group')).toEqual(
      [],
    );
  });

  it('brings the files as one stream over the same connection, and keeps no key', async () => {
    const outcome = await test.build({ builder });

    const folder = join(test.stateFolder, 'runs', outcome.run);
    expect(test.guests.sessions).toHaveLength(1);
    expect(test.guests.sessions[0]).toContain('sha256sum -c');
    expect(existsSync(join(folder, 'ssh'))).toBe(false);
    expect(readdirSync(folder)).not.toContain('payload.tar.gz');
  });

  it('carries secrets, which no history keeps', async () => {
    const provisioners = [
      { name: 'shell', options: { inline: ['echo hunter22 >/etc/token'], runAs: 'root' } },
      { name: 'seal', options: { machineId: 'empty', zeroFill: false } },
    ];

    const outcome = await test.build({ builder, provisioners }, { secrets: ['hunter22'] });

    expect(outcome.outcome).toBe('built');
  });

  it('connects again when the connection is cut, and goes on with the step', async () => {
    let isCut = false;
    test.steps.set('seal', { output: 'x'.repeat(40_000), exitCodes: [0] });
    test.answerBefore(async (script) => {
      if (!script.includes('run.sh') || isCut) return;
      isCut = true;
      test.guests.hangUp();
    });

    const outcome = await test.build({ builder });

    expect([isCut, outcome.outcome]).toEqual([true, 'built']);
  });

  it('reboots for exit code 194, and sets the timer anew that ends a forgotten instance', async () => {
    test.steps.set('seal', { exitCodes: [194, 0] });

    await test.build({ builder });

    expect(test.driver.calls.filter((call) => call.startsWith('reboot'))).toHaveLength(1);
    expect(test.scripts.filter((script) => script.includes('buildimg-expiry.timer'))).toHaveLength(1);
  });

  it('makes one group when the reply to its creation is lost', async () => {
    test.sandbox.loadFaults({ faults: [{ action: 'ec2:CreateSecurityGroup', effect: { kind: 'lost-response' } }] });

    const outcome = await test.build({ builder });

    expect(await test.listLeft()).toEqual([outcome.amiId, ...outcome.snapshotIds]);
  });

  it('says so when the console shows no host keys, and trusts nobody', async () => {
    test.driver.readConsole = async () => Buffer.from('Kernel panic\n');

    const failure = test.build({ builder: { ...builder, sshTimeoutMinutes: 0.01 } });

    await expect(failure).rejects.toMatchObject({
      code: 'EC2_HOST_KEYS_UNSEEN',
      message: expect.stringContaining('Kernel panic'),
    });
    expect(await test.listLeft()).toEqual([]);
  });
});
