// An image without cloud-init, built once and launched with one key pair, with another, and with none.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateKeyPairCommand,
  DescribeInstancesCommand,
  type EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
  waitUntilInstanceRunning,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LaunchedInstance, runInGuest } from '../support/guest.js';
import { runByAgent } from '../support/guest-agent.js';
import { createHome, type Home } from '../support/run-cli.js';
import { createSandboxClient } from '../support/sandbox-ec2.js';

const CONFIG = 'test/e2e/fixtures/no-cloud-init/buildimg.yaml';
const KEYS = '/home/admin/.ssh/authorized_keys';

describe('an AMI without cloud-init', () => {
  let home: Home;
  let client: EC2Client;
  let amiId: string;
  let first: LaunchedInstance;
  let firstHostKeys: readonly string[];
  let second: LaunchedInstance;
  let withoutKey: LaunchedInstance;

  beforeAll(async () => {
    home = await createHome();
    const { images } = await home.runJson<{ readonly images: readonly [{ readonly amiId: string }] }>(
      'build',
      'bare',
      '--sandbox',
      '--config',
      CONFIG,
      '--json',
    );
    amiId = images[0].amiId;
    client = await createSandboxClient(home);
    first = await home.runJson<LaunchedInstance>('sandbox', 'launch', amiId, '--json');
  }, 1_800_000);

  afterAll(async () => {
    await home.run('sandbox', 'down');
    home.remove();
    client.destroy();
  }, 120_000);

  it('has no cloud-init, and lets the key of its launch in as admin, with sudo', async () => {
    const result = await runInGuest(
      first,
      'id -un; sudo -n id -un; command -v cloud-init; ls /etc/cloud /var/lib/cloud',
    );
    const keys = await runInGuest(first, `grep -c . ${KEYS}; stat -c '%a %U' ${KEYS}`);

    expect(result.output.split('\n').slice(0, 2)).toEqual(['admin', 'root']);
    expect(result.output).not.toContain('/usr/bin/cloud-init');
    expect(keys).toEqual({ status: 0, output: '1\n600 admin' });
  });

  it('has an address, and no unit that failed', async () => {
    const address = await runInGuest(first, 'ip -4 -o address show scope global');
    const failed = await runInGuest(first, 'systemctl list-units --state=failed --plain --no-legend');
    firstHostKeys = await listHostKeys(first);

    expect(address.output).toContain('172.31.');
    expect(failed).toEqual({ status: 0, output: '' });
    expect(firstHostKeys.length).toBeGreaterThanOrEqual(2);
  });

  it('lets another key pair in on another launch, and the first one no more', async () => {
    await client.send(new TerminateInstancesCommand({ InstanceIds: [first.instanceId] }));
    const { KeyMaterial = '' } = await client.send(new CreateKeyPairCommand({ KeyName: 'other', KeyType: 'ed25519' }));
    const keyFile = join(home.folder, 'other.key');
    writeFileSync(keyFile, KeyMaterial, { mode: 0o600 });
    [second, withoutKey] = await Promise.all([launch({ keyName: 'other', keyFile }), launch({})]);

    const own = await runInGuest(second, 'id -un');
    const former = await runInGuest({ ...second, keyFile: first.keyFile }, 'id -un');
    const hostKeys = await listHostKeys(second);

    expect(own).toEqual({ status: 0, output: 'admin' });
    expect(former.status).toBe(255);
    expect(former.output).toContain('Permission denied (publickey');
    expect(hostKeys.filter((key) => firstHostKeys.includes(key))).toEqual([]);
  }, 1_200_000);

  it('lets nobody in when it was launched without a key pair, and says so', async () => {
    const refused = await runInGuest(withoutKey, 'id');
    const keys = await runByAgent(
      home,
      withoutKey.instanceId,
      `cat ${KEYS} /root/.ssh/authorized_keys | grep -c '^ssh'`,
    );
    const journal = await runByAgent(home, withoutKey.instanceId, 'journalctl --no-pager -u buildimg-public-key');

    expect(refused.status).toBe(255);
    expect(refused.output).toContain('Permission denied (publickey');
    expect(keys.output.split('\n').at(-1)).toBe('0');
    expect(journal.output).toContain('this instance was launched without a key pair');
  });

  async function launch(login: { readonly keyName?: string; readonly keyFile?: string }): Promise<LaunchedInstance> {
    const { Instances = [] } = await client.send(
      new RunInstancesCommand({
        ImageId: amiId,
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        ...(login.keyName === undefined ? {} : { KeyName: login.keyName }),
      }),
    );
    const instanceId = Instances[0]?.InstanceId ?? '';
    await waitUntilInstanceRunning({ client, maxWaitTime: 900, minDelay: 2 }, { InstanceIds: [instanceId] });
    const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
    const publicIp = Reservations[0]?.Instances?.[0]?.PublicIpAddress ?? '';
    return { ...first, instanceId, publicIp, keyFile: login.keyFile ?? first.keyFile };
  }
});

async function listHostKeys(instance: LaunchedInstance): Promise<readonly string[]> {
  const { output } = await runInGuest(instance, 'cut -d" " -f2 /etc/ssh/ssh_host_*_key.pub');
  return output.split('\n');
}
