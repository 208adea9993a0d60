import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateImageCommand, DescribeImagesCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { CLEARED_VARIABLES, sandboxEnvironment } from '../../src/sandbox/environment.js';
import { clientOptions, startTestSandbox, type TestSandbox } from '../support/a-sandbox.js';
import { type FakePackerScript, writeFakePacker } from '../support/fake-packer.js';
import { PLATFORM_FIXTURE } from '../support/platform-files.js';

const PATH = process.env.PATH;
const ARN = 'arn:aws:elasticbeanstalk:us-east-1:100000000000:platform/web/1.0.0';
const FAILING: FakePackerScript = {
  lines: [
    ',ui,say,==> HVM AMI builder: Provisioning with shell script: builder/builder.sh',
    ',ui,error,==> HVM AMI builder: + cp /tmp/nowhere /etc',
    ",ui,error,==> HVM AMI builder: cp: cannot stat '/tmp/nowhere': No such file or directory",
    ',ui,error,==> HVM AMI builder: Provisioning step had errors: Running the cleanup provisioner%!(PACKER_COMMA) if present...',
    'HVM AMI builder,error,Script exited with non-zero exit status: 1',
  ],
  exitCode: 1,
};

let test: TestSandbox;
let folder: string;
let packerFolder: string;

beforeEach(async () => {
  test = await startTestSandbox();
  folder = mkdtempSync(join(tmpdir(), 'platform-'));
  packerFolder = mkdtempSync(join(tmpdir(), 'fake-packer-'));
  cpSync(PLATFORM_FIXTURE, folder, { recursive: true });
  process.env.PATH = `${packerFolder}:${PATH}`;
  await platform('init', 'web', '--region', 'us-east-1');
});
afterEach(async () => {
  process.env.PATH = PATH;
  await test.sandbox.close();
});

describe('platform init', () => {
  it('writes what the EB CLI reads, with the region that it forgets', () => {
    const config = parse(readFileSync(join(folder, '.elasticbeanstalk/config.yml'), 'utf8'));

    expect(config.global).toMatchObject({
      workspace_type: 'Platform',
      platform_name: 'web',
      default_region: 'us-east-1',
      platform_version: null,
    });
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toContain('.elasticbeanstalk/*\n');
  });
});

describe('platform create', () => {
  it('exits 0 with a Ready version that list, status, events, logs and delete know', async () => {
    writeFakePacker(packerFolder, { lines: [`ami,artifact,0,id,us-east-1:${await createImage()}`] });

    const created = await platform('create');

    expect(created).toMatchObject({ status: 0, stdout: `${ARN}  Status: Ready\n` });
    expect(created.stderr).toContain("INFO    Successfully created platform version 'web/1.0.0'.");
    expect((await platform('list')).stdout).toBe(`${ARN}  Status: Ready\n`);
    expect((await platform('status')).stdout).toMatch(
      /^Platform: arn.*\nName: web\nVersion: 1\.0\.0\nMaintainer: tests\n/,
    );
    expect((await platform('events')).stdout).toContain("Initiated platform version creation for 'web/1.0.0'.");
    expect((await platform('logs')).stdout).toContain("Invoking 'packer build'...");
    expect((await platform('delete', '1.0.0')).status).toBe(2);
    expect(await platform('delete', '1.0.0', '--force')).toMatchObject({ status: 0, stdout: `${ARN}  deleted\n` });
    expect((await platform('list')).stdout).toBe('');
  });

  it('exits 4 with the line that failed, and leaves nothing', async () => {
    writeFakePacker(packerFolder, FAILING);

    const { status, stderr } = await platform('create');

    const { Images } = await test.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
    expect(status).toBe(4);
    expect(stderr).toContain("Failed to create platform version 'web/1.0.0': cp: cannot stat '/tmp/nowhere'");
    expect((await platform('list')).stdout).toBe('');
    expect([await listArchives(), Images]).toEqual([[], []]);
    // Its log is kept, as on AWS.
    expect((await platform('logs', '1.0.0')).stdout).toContain("cp: cannot stat '/tmp/nowhere'");
  });

  it("shows packer's own message from its first line where no script failed", async () => {
    writeFakePacker(packerFolder, FAILING);
    await platform('create');
    writeFakePacker(packerFolder, {
      lines: [
        ',ui,say,==> ami: Prevalidating AMI Name: web',
        String.raw`ami,error,No AMI was found matching filters: {\n  Filters: []\n}`,
      ],
      exitCode: 1,
    });

    // The log of an attempt at the same version before it is kept, and shows another reason.
    const { status, stderr } = await platform('create');

    expect(status).toBe(4);
    expect(stderr).toContain("Failed to create platform version 'web/1.0.0': No AMI was found matching filters: {");
    expect(stderr).not.toContain('/tmp/nowhere');
  });

  it('stops following at Ctrl-C, and leaves Elastic Beanstalk to go on', async () => {
    writeFakePacker(packerFolder, { waits: 'polite' });

    const { status, stderr } = await run(folder, ['platform', 'create'], { interruptAt: "Invoking 'packer build'" });

    const config = parse(readFileSync(join(folder, '.elasticbeanstalk/config.yml'), 'utf8'));
    expect(status).toBe(130);
    expect(stderr).toContain(
      'PLATFORM_CREATE_LEFT Not following web/1.0.0 any more; Elastic Beanstalk goes on creating it',
    );
    expect(stderr).toContain('buildimg platform events 1.0.0 --follow');
    expect((await platform('list')).stdout).toBe(`${ARN}  Status: Creating\n`);
    expect(await listArchives()).toHaveLength(1);
    expect(config.global.platform_version).toBe('1.0.0');
    expect(existsSync(join(packerFolder, 'signals'))).toBe(false);
  });

  it('warns when the EB CLI would go to another region, and refuses a template of another', async () => {
    writeFakePacker(packerFolder, FAILING);

    const elsewhere = await platform('create', '--region', 'eu-west-1');
    const environment = { AWS_REGION: 'eu-west-1' };
    const ignored = await run(folder, ['platform', 'create'], { environment });

    expect(elsewhere).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('builds in us-east-1, the platform is for eu-west-1'),
    });
    expect(elsewhere.stderr).toContain(
      'warning: The platform is for eu-west-1, but .elasticbeanstalk/config.yml says us-east-1',
    );
    expect(ignored.stderr).toContain(
      'warning: AWS_REGION is eu-west-1, but .elasticbeanstalk/config.yml says us-east-1',
    );
  });

  it('exits 2 for a platform that could not be built, before anything is uploaded', async () => {
    cpSync(join(folder, 'custom_platform.json'), join(folder, 'other.json'));
    const { rmSync } = await import('node:fs');
    rmSync(join(folder, 'custom_platform.json'));

    const { status, stderr } = await platform('create');

    expect(status).toBe(2);
    expect(stderr).toContain('platform.yaml:4: The template custom_platform.json is not in the archive');
  });

  it('exits 3 outside of a workspace and 2 for an impossible version', async () => {
    const outside = await run(mkdtempSync(join(tmpdir(), 'outside-')), ['platform', 'list']);
    const impossible = await platform('create', '1.0');

    expect([outside.status, impossible.status]).toEqual([3, 2]);
    expect(existsSync(join(folder, '.elasticbeanstalk/config.yml'))).toBe(true);
  });
});

function platform(...args: readonly string[]) {
  return run(folder, ['platform', ...args]);
}

interface RunOptions {
  /** Ctrl-C as soon as this was said. */
  readonly interruptAt?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

async function run(cwd: string, args: readonly string[], { interruptAt, environment: set }: RunOptions = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !CLEARED_VARIABLES.includes(name));
  const environment = { ...Object.fromEntries(inherited), ...sandboxEnvironment(test.sandbox), NO_COLOR: '1', ...set };
  const child = spawn(process.execPath, [join(process.cwd(), 'dist/cli.mjs'), ...args], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let isInterrupted = false;
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
    if (interruptAt !== undefined && !isInterrupted && stderr.includes(interruptAt)) {
      isInterrupted = true;
      child.kill('SIGINT');
    }
  });
  const status = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return { status, stdout, stderr };
}

async function listArchives(): Promise<readonly unknown[]> {
  const s3 = new S3Client(clientOptions(test.sandbox, 'us-east-1'));
  const Bucket = 'elasticbeanstalk-us-east-1-100000000000';
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents;
}

async function createImage(): Promise<string> {
  const { Instances = [] } = await test.ec2.send(
    new RunInstancesCommand({ ImageId: test.sourceAmi, MinCount: 1, MaxCount: 1 }),
  );
  const { ImageId = '' } = await test.ec2.send(
    new CreateImageCommand({ InstanceId: Instances[0]?.InstanceId ?? '', Name: 'built' }),
  );
  return ImageId;
}
