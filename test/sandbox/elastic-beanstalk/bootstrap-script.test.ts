import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { renderBootstrapScript } from '../../../src/sandbox/elastic-beanstalk/bootstrap-script.js';
import { listConfigFiles } from '../../../src/sandbox/elastic-beanstalk/push-state.js';
import type { EnvironmentRecord } from '../../../src/sandbox/world/service-records.js';

const EB = '/opt/elasticbeanstalk';
const AWKWARD = 'it\'s $(id) `id` "quoted"\nand on';

let root: string;

// The script is run for real, with its folder moved to one that this user may write.
beforeAll(() => {
  root = join(mkdtempSync(join(tmpdir(), 'bootstrap-')), 'eb');
  const { status, stderr } = spawnSync('sh', [], { input: moved(renderBootstrapScript()), encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
});

describe('the tools of a build instance', () => {
  it('are put where hooks look for them', () => {
    const tools = [
      'get-config',
      'download-source-bundle',
      'healthd-track-pidfile',
      'healthd-configure',
      'healthd-restart',
    ];

    expect(tools.filter((tool) => !existsSync(join(root, 'bin', tool)))).toEqual([]);
    expect(existsSync(join(root, 'hooks/appdeploy/enact'))).toBe(true);
    expect(existsSync(join(root, 'lib/ruby/profile.sh'))).toBe(true);
  });

  it('pass shellcheck', () => {
    const files = ['get-config', 'download-source-bundle', 'healthd-restart'].map((tool) => join(root, 'bin', tool));

    const { status, stdout } = spawnSync('shellcheck', ['-s', 'sh', ...files], { encoding: 'utf8' });

    expect([status, stdout]).toEqual([0, '']);
  });
});

describe('get-config', () => {
  it('refuses to answer outside of an environment', () => {
    expect(run('get-config', 'environment')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('not in an environment'),
    });
  });

  it('answers from the environment, key by key and whole', () => {
    deploy();

    expect(run('get-config', 'environment', '-k', 'GREETING').stdout).toBe(`${AWKWARD}\n`);
    expect(JSON.parse(run('get-config', '--output', 'JSON', 'environment').stdout)).toEqual({
      GREETING: AWKWARD,
      'A/B': '%',
    });
    expect(run('get-config', 'environment', '-k', 'A/B').stdout).toBe('%\n');
    expect(run('get-config', 'container', '-k', 'environment_name').stdout).toBe('rehearsal\n');
    expect(JSON.parse(run('get-config', 'addons').stdout)).toEqual({});
  });

  it('answers options by namespace and name, the environment before the platform', () => {
    deploy();
    const namespace = 'aws:elasticbeanstalk:container:custom:application';

    const one = run('get-config', 'optionsettings', '-n', namespace, '-o', 'COMMAND');
    const all = run('get-config', '--output', 'YAML', 'optionsettings', '-n', namespace);

    expect(one.stdout).toBe('node other.js\n');
    expect(JSON.parse(all.stdout)).toEqual({ COMMAND: 'node other.js', PORT: '8080' });
  });

  it('fails for what is not set, and for what it does not know', () => {
    deploy();

    expect(run('get-config', 'environment', '-k', 'MISSING').status).toBe(1);
    expect(run('get-config', 'optionsettings', '-o', 'COMMAND').status).toBe(2);
    expect(run('get-config', 'everything').status).toBe(2);
    expect(run('get-config', '--output', 'XML', 'environment').status).toBe(2);
  });
});

describe('download-source-bundle', () => {
  it('puts the bundle of the deployment where hooks take it from', () => {
    const before = run('download-source-bundle');
    mkdirSync(join(root, 'sandbox'), { recursive: true });
    writeFileSync(join(root, 'sandbox/source_bundle'), 'zip');

    const after = run('download-source-bundle');

    expect([before.status, after.status]).toEqual([1, 0]);
    expect(readFileSync(join(root, 'deploy/appsource/source_bundle'), 'utf8')).toBe('zip');
  });
});

function moved(text: string): string {
  return text.replaceAll(EB, root);
}

function run(tool: string, ...args: readonly string[]) {
  return spawnSync(join(root, 'bin', tool), args, { encoding: 'utf8' });
}

function deploy(): void {
  const namespace = 'aws:elasticbeanstalk:container:custom:application';
  const environment: EnvironmentRecord = {
    id: 'e-1',
    region: 'us-east-1',
    name: 'rehearsal',
    application: 'app',
    platformArn: 'arn',
    versionLabel: undefined,
    optionSettings: [
      { namespace: 'aws:elasticbeanstalk:application:environment', name: 'GREETING', value: AWKWARD },
      { namespace: 'aws:elasticbeanstalk:application:environment', name: 'A/B', value: '%' },
      { namespace, name: 'COMMAND', value: 'node other.js' },
    ],
    status: 'Ready',
    health: 'Green',
    createdAt: '',
    updatedAt: '',
    instanceId: undefined,
    url: undefined,
  };
  const definition = {
    metadata: {},
    optionDefinitions: [
      { namespace, name: 'COMMAND', value: 'node server.js', description: '' },
      { namespace, name: 'PORT', value: '8080', description: '' },
    ],
    optionSettings: [],
  };
  const platform = { definition, name: 'web', version: '1.0.0' } as unknown as Parameters<typeof listConfigFiles>[1];
  for (const [path, text] of listConfigFiles(environment, platform)) {
    const file = join(root, 'sandbox/config', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
