import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateImageCommand, DescribeImagesCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  type ConfigurationOptionSetting,
  CreateApplicationCommand,
  CreateEnvironmentCommand,
  CreatePlatformVersionCommand,
  DeletePlatformVersionCommand,
  DescribeConfigurationOptionsCommand,
  DescribeConfigurationSettingsCommand,
  DescribeEventsCommand,
  DescribePlatformVersionCommand,
  ElasticBeanstalkClient,
  ListPlatformVersionsCommand,
} from '@aws-sdk/client-elastic-beanstalk';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { zipSync } from 'fflate';
import { clientOptions, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import { type FakePackerScript, writeFakePacker } from '../../support/fake-packer.js';
import { orderPlatform } from '../../support/order-platform.js';
import { readPlatformFixture, zipPlatform } from '../../support/platform-files.js';

const PATH = process.env.PATH;
const ARN = 'arn:aws:elasticbeanstalk:us-east-1:100000000000:platform/web';

let test: TestSandbox;
let eb: ElasticBeanstalkClient;
let packerFolder: string;

beforeEach(async () => {
  test = await startTestSandbox();
  eb = new ElasticBeanstalkClient(clientOptions(test.sandbox, 'us-east-1'));
  packerFolder = mkdtempSync(join(tmpdir(), 'fake-packer-'));
  process.env.PATH = `${packerFolder}:${PATH}`;
});
afterEach(async () => {
  process.env.PATH = PATH;
  eb.destroy();
  await test.sandbox.close();
});

describe('CreatePlatformVersion', () => {
  it('ends Ready with the AMI that packer built, and says so as Elastic Beanstalk does', async () => {
    const imageId = await createImage();
    aPacker({ lines: [`,ui,say,==> building`, `HVM AMI builder,artifact,0,id,us-east-1:${imageId}`] });

    const { status, messages } = await create(zipPlatform());

    const { PlatformDescription: platform } = await describePlatform('1.0.0');
    expect(status).toBe('Ready');
    expect(platform).toMatchObject({
      PlatformName: 'web',
      OperatingSystemName: 'Debian',
      OperatingSystemVersion: '12',
      Maintainer: 'tests',
      CustomAmiList: [{ ImageId: imageId, VirtualizationType: 'hvm' }],
    });
    expect(messages).toEqual([
      "Initiated platform version creation for 'web/1.0.0'.",
      'Running Packer on the machine of the sandbox, in place of a builder environment.',
      'Starting Packer building task.',
      "Creating CloudWatch log group '/aws/elasticbeanstalk/platform/web'.",
      `Successfully built AMI(s): '${imageId}' for '${ARN}/1.0.0'`,
      `Packer built AMIs: ${imageId}.`,
      "Successfully created platform version 'web/1.0.0'.",
    ]);
  });

  it('gives packer the names of the platform and the way to the sandbox', async () => {
    aPacker({ exitCode: 1 });

    await create(zipPlatform());

    const environment = readFileSync(join(packerFolder, 'environment'), 'utf8');
    expect(environment).toContain('AWS_EB_PLATFORM_NAME=web\n');
    expect(environment).toContain('AWS_EB_PLATFORM_VERSION=1.0.0\n');
    expect(environment).toContain(`AWS_EB_PLATFORM_ARN=${ARN}/1.0.0\n`);
    expect(environment).toContain(`HTTPS_PROXY=${test.sandbox.proxy}\n`);
  });

  it('gives packer nothing else of the environment that the sandbox was started in', async () => {
    aPacker({ exitCode: 1 });
    process.env['SANDBOX_TEST_TOKEN'] = 'tell-nobody';
    process.env['SSH_AUTH_SOCK'] = '/tmp/agent-of-the-user';

    await create(zipPlatform());

    delete process.env['SANDBOX_TEST_TOKEN'];
    delete process.env['SSH_AUTH_SOCK'];
    const environment = readFileSync(join(packerFolder, 'environment'), 'utf8');
    expect(environment).not.toMatch(/SANDBOX_TEST_TOKEN|SSH_AUTH_SOCK|tell-nobody/);
    const known =
      /^(?:AWS_|HTTPS_PROXY|NO_PROXY|NODE_EXTRA_CA_CERTS|CHECKPOINT|PATH|HOME|USER|LOGNAME|LANG|LC_|TZ|TMPDIR|XDG_CONFIG_HOME|PACKER_|PWD|OLDPWD|SHLVL|_=)/;
    expect(
      environment
        .trim()
        .split('\n')
        .filter((line) => !known.test(line)),
    ).toEqual([]);
  });

  it('lets a template run commands on this machine only where its owner said so', async () => {
    const imageId = await createImage();
    aPacker({ lines: [`ami,artifact,0,id,us-east-1:${imageId}`] });
    const archive = zipPlatform({ 'custom_platform.json': withStep({ type: 'shell-local', inline: ['true'] }) });

    const refused = await create(archive, '1.0.0');
    const allowed = await create(archive, '1.0.1', [
      { Namespace: 'buildimg:sandbox', OptionName: 'AllowLocalCommands', Value: 'true' },
    ]);

    expect(refused.status).toBe('Failed');
    expect(refused.messages.join('\n')).toMatch(/custom_platform\.json:\d+: A provisioner of type "shell-local" runs/);
    expect(refused.messages.join('\n')).toContain('--allow-local-commands');
    expect(allowed.status).toBe('Ready');
  });

  it.each([
    ['a download', { type: 'file', direction: 'download', source: '/etc/hostname', destination: '/tmp/x' }],
    ['an upload from elsewhere', { type: 'file', source: '/etc/hostname', destination: '/tmp/x' }],
    ['a script from elsewhere', { type: 'shell', script: '../../script.sh' }],
  ])('reads and writes no file out of the archive, even where commands may run: %s', async (_what, step) => {
    aPacker({});
    const archive = zipPlatform({ 'custom_platform.json': withStep(step) });

    const { status, messages } = await create(archive, '1.0.0', [
      { Namespace: 'buildimg:sandbox', OptionName: 'AllowLocalCommands', Value: 'true' },
    ]);

    expect(status).toBe('Failed');
    expect(messages.at(-2)).toMatch(/leads out of the archive/);
    expect(messages).not.toContain('Starting Packer building task.');
  });

  it("copies packer's output to CloudWatch Logs in the form that the EB CLI reads", async () => {
    aPacker({ lines: [',ui,message,    HVM AMI builder: hello'], exitCode: 1 });

    await create(zipPlatform());

    const logs = new CloudWatchLogsClient(clientOptions(test.sandbox, 'us-east-1'));
    const { events = [] } = await logs.send(
      new GetLogEventsCommand({ logGroupName: '/aws/elasticbeanstalk/platform/web', logStreamName: '1.0.0' }),
    );
    const lines = events.map(({ message = '' }) => message);
    expect(lines).toContainEqual(
      expect.stringMatching(/^I, \[\S+#1\] {2}INFO -- Packer: 1795338104,,ui,message, {4}HVM AMI builder: hello$/),
    );
    expect(lines.every((line) => / -- \w+: /.test(line))).toBe(true);
  });

  it('ends Failed with the reason that packer gave', async () => {
    aPacker({ lines: ['ami,error,Script exited with non-zero exit status: 3'], exitCode: 1 });

    const { status, messages } = await create(zipPlatform());

    expect(status).toBe('Failed');
    expect(messages.slice(-2)).toEqual([
      "Packer failed with error: 'Script exited with non-zero exit status: 3'",
      "Failed to create platform version 'web/1.0.0'.",
    ]);
  });

  it('refuses an AMI of another region and removes it', async () => {
    const imageId = await createImage('eu-west-1');
    aPacker({ lines: [`ami,artifact,0,id,eu-west-1:${imageId}`] });

    const { status, messages } = await create(zipPlatform());

    const { Images } = await test.ec2In('eu-west-1').send(new DescribeImagesCommand({ Owners: ['self'] }));
    expect(status).toBe('Failed');
    expect(messages.at(-2)).toBe(
      `Unmatched region for created AMI '${imageId}' in eu-west-1: the platform is in us-east-1.`,
    );
    expect(Images).toEqual([]);
  });

  const SCRIPT = 'builder/builder.sh';
  it.each([
    ['what is no zip file', () => Buffer.from('PK, or is it?'), /is not a zip file/],
    ['no platform.yaml', () => zipPlatform({ 'platform.yaml': undefined }), /no platform\.yaml at the top/],
    ['a platform.yaml in a folder', () => nest(zipPlatformFiles()), /no platform\.yaml at the top/],
    ['broken YAML', () => zipPlatform({ 'platform.yaml': 'version: "1.0"\n  provisioner: [' }), /^platform\.yaml:2/],
    ['a template that is not there', () => zipPlatform({ 'custom_platform.json': undefined }), /is not in the archive/],
    ['a template that is no JSON', () => zipPlatform({ 'custom_platform.json': '{' }), /^custom_platform\.json:1/],
    [
      'a script with Windows line ends',
      () => zipPlatform({ [SCRIPT]: '#!/bin/bash\r\ntrue\r\n' }),
      /Windows line ends/,
    ],
    ['an entry that leaves the folder', () => zipPlatform({ '../evil.sh': 'true' }), /outside of the archive's folder/],
    ['an absolute entry', () => zipPlatform({ '/etc/cron.d/evil': 'true' }), /outside of the archive's folder/],
    ['a link out of the archive', () => withLink('/etc/passwd'), /leads out of the archive/],
    ['a link inside', () => withLink('CONFIG'), /symbolic link/],
    ['a bomb', () => zipSync({ zeros: [new Uint8Array(80 * 1024 * 1024), { level: 9 }] }), /zip bomb/],
  ])('fails for an archive with %s before packer runs', async (_what, archive, reason) => {
    aPacker({});

    const { status, messages } = await create(archive());

    expect(status).toBe('Failed');
    expect(messages.at(-2)).toMatch(reason);
    expect(messages).not.toContain('Starting Packer building task.');
  });

  it('refuses a bundle that is not in S3, and a version that exists', async () => {
    aPacker({ exitCode: 1 });
    const missing = eb.send(order('none.zip', '1.0.0'));

    await expect(missing).rejects.toMatchObject({ message: expect.stringContaining('Unable to download from S3') });
    await create(zipPlatform());
    await expect(create(zipPlatform())).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: "Platform version 'web/1.0.0' already exists.",
    });
  });

  it('is Failed, and its instance gone, in a sandbox that was ended meanwhile', async () => {
    aPacker({ waits: 'polite' });
    await orderPlatform(test, eb, zipPlatform());
    await test.ec2.send(
      new RunInstancesCommand({
        ImageId: test.sourceAmi,
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: [
          { ResourceType: 'instance', Tags: [{ Key: 'buildimg-sandbox:platform', Value: `${ARN}/1.0.0` }] },
        ],
      }),
    );
    await test.sandbox.close();

    test = await startTestSandbox({ stateDir: test.sandbox.paths.stateDir, driver: test.driver });
    eb = new ElasticBeanstalkClient(clientOptions(test.sandbox, 'us-east-1'));

    expect((await describePlatform('1.0.0')).PlatformDescription?.PlatformStatus).toBe('Failed');
    expect(test.driver.calls.filter((call) => call.startsWith('terminate'))).toHaveLength(1);
  });
});

describe('a sandbox that was killed while packer ran', () => {
  it('ends that packer and all that it started when it starts again', async () => {
    aPacker({ waits: 'deaf' });
    await orderPlatform(test, eb, zipPlatform());
    const packer = await waitForPacker();
    // What a killed sandbox leaves: its state as it is on disk at this moment, and packer running.
    const { paths } = test.sandbox;
    const stateDir = mkdtempSync(join(tmpdir(), 'killed-sandbox-'));
    cpSync(paths.stateDir, stateDir, { recursive: true });

    const next = await startTestSandbox({ stateDir, driver: test.driver });

    const isEnded = await isGone(packer);
    await next.sandbox.close();
    expect(isEnded).toBe(true);
  });
});

describe('the configuration of an environment', () => {
  it('is what its platform defines and sets, under what it itself sets', async () => {
    aPacker({ lines: [`ami,artifact,0,id,us-east-1:${await createImage()}`] });
    await create(zipPlatform());
    const option = { Namespace: 'aws:elasticbeanstalk:application:environment', OptionName: 'COLOUR', Value: 'red' };
    const names = { ApplicationName: 'shop', EnvironmentName: 'shop-test' };
    await eb.send(new CreateApplicationCommand({ ApplicationName: 'shop' }));
    await eb.send(new CreateEnvironmentCommand({ ...names, PlatformArn: `${ARN}/1.0.0`, OptionSettings: [option] }));

    const { Options = [] } = await eb.send(new DescribeConfigurationOptionsCommand({ EnvironmentName: 'shop-test' }));
    const { ConfigurationSettings = [] } = await eb.send(new DescribeConfigurationSettingsCommand(names));
    const ofNobody = eb.send(new DescribeConfigurationSettingsCommand({ ApplicationName: 'shop' }));

    await expect(ofNobody).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    const [settings] = ConfigurationSettings;
    expect(settings).toMatchObject({ ...names, PlatformArn: `${ARN}/1.0.0` });
    expect(settings?.OptionSettings).toContainEqual(option);
    const greeting = { Namespace: 'aws:elasticbeanstalk:container:custom:application' };
    expect(settings?.OptionSettings).toContainEqual({ ...greeting, OptionName: 'GREETING', Value: 'hello' });
    expect(Options).toMatchObject([{ ...greeting, Name: 'GREETING', DefaultValue: 'hello', UserDefined: true }]);
  });
});

describe('ListPlatformVersions', () => {
  it('knows the newest of each name, whatever became of it, and filters by status', async () => {
    aPacker({ exitCode: 1 });
    for (const version of ['1.0.0', '1.9.0', '1.10.0']) await create(zipPlatform(), version);

    expect(await list('PlatformVersion', 'latest')).toEqual(['1.10.0']);
    expect(await list('PlatformStatus', 'Failed')).toEqual(['1.10.0', '1.9.0', '1.0.0']);
    expect(await list('PlatformStatus', 'Ready')).toEqual([]);
    await expect(list('Colour', 'red')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

describe('DeletePlatformVersion', () => {
  it('removes the version and its AMI', async () => {
    const imageId = await createImage();
    aPacker({ lines: [`ami,artifact,0,id,us-east-1:${imageId}`] });
    await create(zipPlatform());

    await eb.send(new DeletePlatformVersionCommand({ PlatformArn: `${ARN}/1.0.0` }));

    const message = await waitForEvent((text) => text.includes('delete'), 'Successfully deleted');
    const { Images } = await test.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
    expect(message).toBe("Successfully deleted platform version 'web/1.0.0'.");
    expect(Images).toEqual([]);
    await expect(describePlatform('1.0.0')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

function aPacker(script: FakePackerScript): void {
  writeFakePacker(packerFolder, script);
}

async function createImage(region = 'us-east-1'): Promise<string> {
  const ec2 = test.ec2In(region);
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({}));
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({ ImageId: Images[0]?.ImageId ?? '', MinCount: 1, MaxCount: 1 }),
  );
  const { ImageId = '' } = await ec2.send(
    new CreateImageCommand({ InstanceId: Instances[0]?.InstanceId ?? '', Name: 'built' }),
  );
  return ImageId;
}

function order(key: string, version: string) {
  return new CreatePlatformVersionCommand({
    PlatformName: 'web',
    PlatformVersion: version,
    PlatformDefinitionBundle: { S3Bucket: 'elasticbeanstalk-us-east-1-100000000000', S3Key: key },
  });
}

/** The template of the fixture with one more step. */
function withStep(step: object): string {
  const template = JSON.parse(readPlatformFixture().get('custom_platform.json') ?? '') as { provisioners: object[] };
  return JSON.stringify({ ...template, provisioners: [...template.provisioners, step] });
}

async function create(archive: Uint8Array, version = '1.0.0', options: readonly ConfigurationOptionSetting[] = []) {
  await orderPlatform(test, eb, archive, version, options);
  await waitForEvent((text) => text.includes(`'web/${version}'`), 'Successfully created', 'Failed to create');
  const { Events = [] } = await eb.send(new DescribeEventsCommand({ PlatformArn: `${ARN}/${version}` }));
  const status = (await describePlatform(version)).PlatformDescription?.PlatformStatus;
  return { status, messages: Events.toReversed().map(({ Message = '' }) => Message) };
}

async function waitForEvent(isMeant: (text: string) => boolean, ...prefixes: readonly string[]): Promise<string> {
  for (;;) {
    const { Events = [] } = await eb.send(new DescribeEventsCommand({}));
    const found = Events.find(
      ({ Message = '' }) => isMeant(Message) && prefixes.some((prefix) => Message.startsWith(prefix)),
    );
    if (found?.Message !== undefined) return found.Message;
    await sleep(20);
  }
}

async function list(Type: string, value: string) {
  const Filters = [{ Type, Operator: '=', Values: [value] }];
  const { PlatformSummaryList = [] } = await eb.send(new ListPlatformVersionsCommand({ Filters }));
  return PlatformSummaryList.map(({ PlatformVersion }) => PlatformVersion);
}

function describePlatform(version: string) {
  return eb.send(new DescribePlatformVersionCommand({ PlatformArn: `${ARN}/${version}` }));
}

function zipPlatformFiles(): Record<string, Uint8Array> {
  return Object.fromEntries([...readPlatformFixture()].map(([path, text]) => [path, Buffer.from(text)]));
}

function nest(files: Record<string, Uint8Array>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`folder/${path}`, bytes])));
}

function withLink(target: string): Uint8Array {
  const link = [Buffer.from(target), { os: 3, attrs: (0o120777 << 16) >>> 0 }] as const;
  return zipSync({ ...zipPlatformFiles(), 'builder/link': link } as unknown as Parameters<typeof zipSync>[0]);
}

/** The process group of the fake packer, as soon as the sandbox has written it down. */
async function waitForPacker(): Promise<number> {
  for (;;) {
    const [, pid] = /"pid":\s*(\d+)/.exec(readFileSync(test.sandbox.paths.worldFile, 'utf8')) ?? [];
    if (pid !== undefined) return Number(pid);
    await sleep(20);
  }
}

async function isGone(group: number): Promise<boolean> {
  for (let left = 250; left > 0; left -= 1) {
    try {
      process.kill(-group, 0);
    } catch {
      return true;
    }
    await sleep(20);
  }
  return false;
}
