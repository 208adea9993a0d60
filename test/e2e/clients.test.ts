// Clients that we did not write, as they are: the AWS CLI and boto3 of PyPI, led to the sandbox by the environment alone, and
// coldsnap of crates.io, which wants the endpoint named. Packer's commands are in packer-by-hand.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sandboxEnvironment } from '../../src/sandbox/environment.js';
import { startTestSandbox, type TestSandbox } from '../support/a-sandbox.js';
import { installAwsClients } from '../support/aws-cli.js';
import { installColdsnap } from '../support/coldsnap.js';
import { aBlock, sha256 } from '../support/upload-snapshot.js';

const SLOW_MS = 600_000;
/** Of compiling coldsnap, once a machine. */
const COMPILE_MS = 2_400_000;
const MIB = 1024 ** 2;
const run = promisify(execFile);

let test: TestSandbox;
let clients: { readonly aws: string; readonly python: string };
let folder: string;
beforeAll(async () => {
  clients = await installAwsClients();
  folder = await mkdtemp(join(tmpdir(), 'aws-clients-'));
  test = await startTestSandbox();
}, SLOW_MS);
afterAll(async () => {
  await test.sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the AWS CLI', () => {
  it(
    'launches, captures, copies, shares and publishes an image',
    async () => {
      const launched = await aws('ec2', 'run-instances', '--image-id', test.sourceAmi, '--instance-type', 't3.micro');
      const { InstanceId: instanceId } = first(launched, 'Instances');
      await aws('ec2', 'wait', 'instance-running', '--instance-ids', String(instanceId));
      await aws('ec2', 'stop-instances', '--instance-ids', String(instanceId));
      await aws('ec2', 'wait', 'instance-stopped', '--instance-ids', String(instanceId));
      const { ImageId } = await aws('ec2', 'create-image', '--instance-id', String(instanceId), '--name', 'cli-image');
      const imageId = String(ImageId);
      await aws('ec2', 'wait', 'image-available', '--image-ids', imageId);

      const west = ['--region', 'us-west-2'];
      const source = ['--source-region', 'us-east-1', '--source-image-id', imageId];
      const copied = await aws('ec2', 'copy-image', ...west, ...source, '--name', 'cli-image');
      const copyId = String(copied['ImageId']);
      await aws('ec2', 'wait', 'image-available', ...west, '--image-ids', copyId);
      const permission = 'Add=[{UserId=111111111111}]';
      const image = [...west, '--image-id', copyId];
      await aws('ec2', 'modify-image-attribute', ...image, '--launch-permission', permission);
      const shared = await aws('ec2', 'describe-image-attribute', ...image, '--attribute', 'launchPermission');
      const parameter = ['--name', '/cli/web', '--value', copyId, '--type', 'String', '--data-type', 'aws:ec2:image'];
      await aws('ssm', 'put-parameter', ...west, ...parameter);
      const published = await aws('ssm', 'get-parameters-by-path', ...west, '--path', '/cli');

      expect(shared['LaunchPermissions']).toEqual([{ UserId: '111111111111' }]);
      expect(first(published, 'Parameters')).toMatchObject({ Value: copyId, Version: 1, DataType: 'aws:ec2:image' });
      const described = await aws('ec2', 'describe-images', '--owners', 'self', ...west);
      expect(first(described, 'Images')).toMatchObject({ ImageId: copyId, SourceImageId: imageId, State: 'available' });
    },
    SLOW_MS,
  );

  it(
    'copies files to S3 and back',
    async () => {
      const file = join(folder, 'web.txt');
      await writeFile(file, 'hello');

      await aws('s3', 'mb', 's3://cli-bucket');
      await aws('s3', 'cp', file, 's3://cli-bucket/web.txt');
      const { stdout } = await runClient(clients.aws, ['s3', 'cp', 's3://cli-bucket/web.txt', '-']);

      expect(stdout).toBe('hello');
    },
    SLOW_MS,
  );

  it(
    'writes a snapshot block by block and lists its blocks',
    async () => {
      const block = join(folder, 'block');
      await writeFile(block, aBlock(7));
      const { SnapshotId } = await aws('ebs', 'start-snapshot', '--volume-size', '1');
      const snapshot = ['--snapshot-id', String(SnapshotId)];
      const content = ['--block-data', block, '--data-length', '524288', '--checksum', sha256(aBlock(7))];
      await aws(
        'ebs',
        'put-snapshot-block',
        ...snapshot,
        '--block-index',
        '3',
        ...content,
        '--checksum-algorithm',
        'SHA256',
      );
      await aws('ebs', 'complete-snapshot', ...snapshot, '--changed-blocks-count', '1');
      await aws('ec2', 'wait', 'snapshot-completed', '--snapshot-ids', String(SnapshotId));

      const listed = await aws('ebs', 'list-snapshot-blocks', ...snapshot);

      expect(listed['Blocks']).toMatchObject([{ BlockIndex: 3 }]);
    },
    SLOW_MS,
  );

  it(
    'says what EC2 says of a mistake',
    async () => {
      const copy = aws(
        'ec2',
        'copy-image',
        '--source-region',
        'us-east-1',
        '--source-image-id',
        'ami-0',
        '--name',
        'web',
      );

      await expect(copy).rejects.toMatchObject({ stderr: expect.stringContaining('(InvalidAMIID.Malformed)') });
    },
    SLOW_MS,
  );
});

describe('boto3', () => {
  it(
    'waits by its own waiters and turns pages by its own paginators',
    async () => {
      const { stdout } = await runClient(clients.python, ['test/support/aws-clients.py', test.sourceAmi]);

      const found = JSON.parse(stdout) as Record<string, unknown>;
      expect(found).toMatchObject({
        images: expect.arrayContaining([found['imageId']]),
        pages: [10, 2],
        account: test.sandbox.credentials.accountId,
        key: expect.stringMatching(/^arn:aws:kms:us-east-1:100000000000:key\//),
        aliases: ['alias/aws/ebs'],
        refused: 'InvalidAMIID.NotFound',
      });
    },
    SLOW_MS,
  );
});

describe('coldsnap', () => {
  let coldsnap: (...words: readonly string[]) => Promise<string>;
  let disk: Buffer;
  let file: string;
  beforeAll(async () => {
    const program = await installColdsnap();
    coldsnap = async (command, ...words) => {
      const endpoint = ['--endpoint', test.sandbox.endpoint, '--region', 'us-east-1'];
      return (await runClient(program, [...endpoint, command, ...words])).stdout.trim();
    };
    // Data at both ends, and a hole in the middle.
    disk = Buffer.concat([randomBytes(3 * MIB), Buffer.alloc(10 * MIB), randomBytes(3 * MIB)]);
    file = join(folder, 'disk.img');
    await writeFile(file, disk);
  }, COMPILE_MS);

  it(
    'uploads a disk, leaves its zero blocks out, and downloads the same bytes',
    async () => {
      const id = await coldsnap('upload', '--no-progress', '--omit-zero-blocks', '--wait', file);

      const blocks = await aws('ebs', 'list-snapshot-blocks', '--snapshot-id', id);
      const copy = join(folder, 'copy.img');
      await coldsnap('download', '--no-progress', id, copy);
      expect(blocks['Blocks']).toHaveLength(12);
      expect((await readFile(copy)).subarray(0, disk.length).equals(disk)).toBe(true);
    },
    SLOW_MS,
  );

  it(
    'waits for a snapshot that another client completes',
    async () => {
      const id = await coldsnap('upload', '--no-progress', file);

      await coldsnap('wait', id);

      const described = await aws('ec2', 'describe-snapshots', '--snapshot-ids', id);
      expect(first(described, 'Snapshots')).toMatchObject({ SnapshotId: id, State: 'completed' });
    },
    SLOW_MS,
  );
});

async function aws(...words: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { stdout } = await runClient(clients.aws, [...words, '--output', 'json']);
  return stdout.startsWith('{') ? (JSON.parse(stdout) as Readonly<Record<string, unknown>>) : {};
}

function runClient(program: string, words: readonly string[]) {
  const env = { PATH: process.env.PATH, HOME: folder, ...sandboxEnvironment(test.sandbox) };
  return run(program, [...words], { env });
}

function first(answer: Readonly<Record<string, unknown>>, list: string): Readonly<Record<string, unknown>> {
  return (answer[list] as readonly Readonly<Record<string, unknown>>[])[0] ?? {};
}
