import { spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CLEARED_VARIABLES, sandboxEnvironment } from '../../../src/sandbox/environment.js';
import { DEBIAN_OWNER, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';

let test: TestSandbox | undefined;
afterEach(() => test?.sandbox.close());

describe('the real packer against the sandbox', () => {
  it('builds an AMI from a template that knows nothing of a sandbox', async () => {
    test = await startTestSandbox();
    const directory = await mkdtemp(join(tmpdir(), 'sandbox-packer-'));
    await writeFile(join(directory, 'template.json'), JSON.stringify(TEMPLATE));

    const result = await runPacker(test, directory);

    expect(result.output).toMatch(/us-east-1: ami-[0-9a-f]{17}/);
    expect(result.code).toBe(0);
    const { Images = [] } = await test.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
    expect(Images).toHaveLength(1);
    expect(Images[0]).toMatchObject({ Name: 'web-1.0', State: 'available', Description: 'a web server' });
    expect(Images[0]?.Tags).toContainEqual({ Key: 'team', Value: 'web' });
    const { Snapshots = [] } = await test.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    expect(Snapshots[0]).toMatchObject({ State: 'completed' });
    expect(Snapshots[0]?.Tags).toContainEqual({ Key: 'kind', Value: 'root' });
    const copies = await test.ec2In('eu-west-1').send(new DescribeImagesCommand({ Owners: ['self'] }));
    expect(copies.Images?.[0]).toMatchObject({ Name: 'web-1.0', SourceImageId: Images[0]?.ImageId });
  }, 120_000);

  it('leaves no instance, key pair or security group behind', async () => {
    test = await startTestSandbox();
    const directory = await mkdtemp(join(tmpdir(), 'sandbox-packer-'));
    await writeFile(join(directory, 'template.json'), JSON.stringify(TEMPLATE));

    await runPacker(test, directory);

    const { Reservations = [] } = await test.ec2.send(new DescribeInstancesCommand({}));
    const states = Reservations.flatMap(({ Instances = [] }) => Instances).map(({ State }) => State?.Name);
    expect(states).toEqual(['terminated']);
    expect((await test.ec2.send(new DescribeKeyPairsCommand({}))).KeyPairs).toEqual([]);
    const { SecurityGroups = [] } = await test.ec2.send(new DescribeSecurityGroupsCommand({}));
    expect(SecurityGroups.map(({ GroupName }) => GroupName)).toEqual(['default']);
  }, 120_000);
});

const TEMPLATE = {
  builders: [
    {
      type: 'amazon-ebs',
      region: 'us-east-1',
      source_ami_filter: {
        filters: { name: 'debian-12-amd64-*', 'root-device-type': 'ebs', 'virtualization-type': 'hvm' },
        owners: [DEBIAN_OWNER],
        most_recent: true,
      },
      instance_type: 't3.micro',
      communicator: 'none',
      ami_name: 'web-1.0',
      ami_description: 'a web server',
      ami_regions: ['eu-west-1'],
      ami_users: ['111111111111'],
      tags: { team: 'web' },
      snapshot_tags: { kind: 'root' },
      run_tags: { team: 'web' },
      launch_block_device_mappings: [
        { device_name: '/dev/xvda', volume_size: 12, volume_type: 'gp2', delete_on_termination: true },
      ],
    },
  ],
};

async function runPacker(
  { sandbox }: TestSandbox,
  directory: string,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const inherited = Object.entries(process.env).filter(([name]) => !CLEARED_VARIABLES.includes(name));
  const child = spawn('packer', ['build', '-color=false', 'template.json'], {
    cwd: directory,
    env: { ...Object.fromEntries(inherited), ...sandboxEnvironment(sandbox) },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return { code, output };
}
