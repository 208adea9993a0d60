import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { zipSync } from 'fflate';
import type { PlatformFinding } from '../../src/platform/finding.js';
import { lintArchive } from '../../src/platform/lint-archive.js';
import { openArchive } from '../../src/platform/open-archive.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';
import { aZip, aZipWithLink, DIRECTORY, PLATFORM_YAML, patchDirectory, TEMPLATE } from './support/archives.js';

const { signal } = new AbortController();

async function lint(path: string, region?: string): Promise<readonly PlatformFinding[]> {
  const archive = await openArchive(path, signal);
  return lintArchive(archive, { signal, ...(region && { region }) }).finally(() => archive.close());
}

function lintZip(zip: Uint8Array): Promise<readonly PlatformFinding[]> {
  return withTemporaryFolder(async (folder) => {
    writeFileSync(join(folder, 'a.zip'), zip);
    return await lint(join(folder, 'a.zip'));
  });
}

function lintFolder(files: Readonly<Record<string, string>>, region?: string): Promise<readonly PlatformFinding[]> {
  return withTemporaryFolder(async (folder) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return await lint(folder, region);
  });
}

const codesOf = (findings: readonly PlatformFinding[]) =>
  findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);

describe('lintArchive of a zip file', () => {
  it('finds nothing in a sound one but that AWS has retired custom platforms', async () => {
    const findings = await lintZip(aZip());

    expect(findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['warning PLATFORM_RETIRED']);
  });

  const zeros = new Uint8Array(80 * 1024 * 1024);
  it.each([
    ['writes above its folder', 'ARCHIVE_PATH_ESCAPES', () => aZip({ '../../etc/cron.d/x': 'x' })],
    ['writes to an absolute path', 'ARCHIVE_PATH_ESCAPES', () => aZip({ '/etc/cron.d/x': 'x' })],
    ['writes above by backslashes', 'ARCHIVE_PATH_ESCAPES', () => aZip({ '..\\..\\x': 'x' })],
    ['writes to a drive', 'ARCHIVE_PATH_ESCAPES', () => aZip({ 'C:/x': 'x' })],
    ['links to an absolute path', 'ARCHIVE_LINK_ESCAPES', () => aZipWithLink('builder', '/etc')],
    ['links above its folder', 'ARCHIVE_LINK_ESCAPES', () => aZipWithLink('a/b', '../../etc/passwd')],
    ['unpacks to a thousand times its size', 'ARCHIVE_BOMB', () => zipSync({ zeros }, { level: 1 })],
    [
      'has entries that share their bytes',
      'ARCHIVE_BOMB',
      () =>
        patchDirectory(aZip({ a: 'x'.repeat(200) }), (view, offset) =>
          view.setUint32(offset + DIRECTORY.headerOffset, 0, true),
        ),
    ],
    [
      'holds more than it says',
      'ARCHIVE_DAMAGED',
      () =>
        patchDirectory(
          aZip(),
          (view, offset, index) => index === 0 && view.setUint32(offset + DIRECTORY.size, 3, true),
        ),
    ],
    [
      'is encrypted',
      'ARCHIVE_ENCRYPTED',
      () =>
        patchDirectory(
          aZip(),
          (view, offset, index) => index === 1 && view.setUint16(offset + DIRECTORY.flags, 1, true),
        ),
    ],
    ['is no zip file', 'ARCHIVE_NOT_ZIP', () => new TextEncoder().encode('PK, but not really')],
    ['is cut off', 'ARCHIVE_NOT_ZIP', () => aZip().slice(0, 200)],
    ['is empty', 'ARCHIVE_NOT_ZIP', () => new Uint8Array()],
    ['has no platform.yaml', 'PLATFORM_YAML_MISSING', () => aZip({ 'platform.yaml': undefined })],
    ['has bad YAML', 'PLATFORM_YAML_SYNTAX', () => aZip({ 'platform.yaml': 'version: "1.0\nprovisioner: {' })],
    ['has nested YAML', 'PLATFORM_YAML_SYNTAX', () => aZip({ 'platform.yaml': '['.repeat(100_000) })],
    ['has a script with CRLF', 'PLATFORM_SCRIPT_CRLF', () => aZip({ 'builder/builder.sh': '#!/bin/bash\r\necho\r\n' })],
  ])('says so when it %s', async (_what, code, make) => {
    const findings = await lintZip(make());

    expect(codesOf(findings)).toContain(code);
  });

  it('refuses 512 MiB without reading them', () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, 'large.zip');
      writeFileSync(path, '');
      truncateSync(path, 513 * 1024 * 1024);

      const findings = await lint(path);

      expect(codesOf(findings)).toEqual(['ARCHIVE_TOO_LARGE']);
    }));

  it('says that the folder was packed instead of what is in it', async () => {
    const findings = await lintZip(aZip({ 'platform.yaml': undefined, 'node/platform.yaml': PLATFORM_YAML }));

    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'PLATFORM_YAML_MISSING', hint: expect.stringContaining('node/platform.yaml') }),
    );
  });

  it('shows no escape sequences of an entry name', async () => {
    const findings = await lintZip(aZip({ '../\u001b[2Jx': 'x' }));

    expect(JSON.stringify(findings)).not.toContain('\u001b');
    expect(findings.map(({ message }) => message).join()).not.toContain('\u001b');
  });
});

describe('lintArchive of a folder', () => {
  it.each(['platform.yaml', 'custom_platform.json'])('says that %s is a folder', async (path) => {
    const files = { 'platform.yaml': PLATFORM_YAML, 'custom_platform.json': TEMPLATE };
    const others = Object.fromEntries(Object.entries(files).filter(([name]) => name !== path));

    const findings = await lintFolder({ ...others, [`${path}/x`]: '' });

    expect(findings).toContainEqual(expect.objectContaining({ code: 'PLATFORM_FILE_IS_FOLDER', path }));
  });

  it('follows no link out of it', () =>
    withTemporaryFolder(async (folder) => {
      symlinkSync('/etc/hostname', join(folder, 'platform.yaml'));

      const findings = await lint(folder);

      expect(codesOf(findings)).toEqual(['ARCHIVE_LINK_ESCAPES', 'PLATFORM_FILE_IS_FOLDER']);
    }));

  it('names the place of every mistake in platform.yaml', async () => {
    const yaml = [
      'version: 1.0',
      'provisioner:',
      '  type: packer',
      '  template: custom_platfrom.json',
      '  flavor: amazon-linux-2023',
      'metadata:',
      `  maintainer: ${'m'.repeat(101)}`,
      '  operating_system_version: 16.10',
      '  programming_language_version: 18',
      'options_definitions: []',
      'option_definitions:',
      '  - { namespace: "aws:elb", option_name: A }',
      'option_settings:',
      '',
    ].join('\n');

    const findings = await lintFolder({ 'platform.yaml': yaml, 'custom_platform.json': TEMPLATE });

    const places = findings.map(({ severity, code, line, column }) => `${line}:${column} ${severity} ${code}`);
    expect(places).toEqual([
      '10:1 error PLATFORM_YAML_KEY',
      '1:10 error PLATFORM_YAML_UNQUOTED',
      '5:11 error PLATFORM_FLAVOR',
      '7:15 error PLATFORM_YAML_VALUE',
      '8:29 error PLATFORM_YAML_UNQUOTED',
      '9:33 warning PLATFORM_YAML_UNQUOTED',
      '12:18 error PLATFORM_YAML_VALUE',
      '13:1 error PLATFORM_YAML_NULL',
      '4:13 error PLATFORM_TEMPLATE_MISSING',
      'undefined:undefined warning PLATFORM_RETIRED',
    ]);
  });

  it('holds the template to Packer 1.0.3 and to what its builder may do', async () => {
    const template = {
      builders: [
        {
          type: 'amazon-ebs',
          region: '{{user `region`}}',
          source_ami: '',
          ssh_username: 'ubuntu',
          imds_support: 'v2.0',
          launch_block_device_mappings: [{ device_name: '/dev/xvda', throughput: 125 }],
          iam_instance_profile: 'builder',
          ami_regions: ['us-west-2'],
          ami_name: '{{clean_resource_name `x`}}',
        },
      ],
      variables: { region: 'us-west-2' },
      provisioners: [{ type: 'shell', scripts: ['builder/missing.sh'] }, { type: 'breakpoint' }],
    };
    const yaml = `${PLATFORM_YAML}  flavor: amazon\n`;

    const findings = await lintFolder(
      { 'platform.yaml': yaml, 'custom_platform.json': JSON.stringify(template) },
      'us-east-1',
    );

    const messages = findings.map(({ severity, message }) => `${severity}: ${message}`);
    expect(messages).toEqual([
      'error: Packer 1.0.3 knows no "imds_support" in amazon-ebs',
      'error: Packer 1.0.3 knows no "throughput" in a block device',
      'error: A source_ami or source_ami_filter must be specified',
      'error: The template builds in us-west-2, the platform is for us-east-1',
      'warning: ami_regions copies the AMI, but a platform version has one, in its region',
      'warning: iam_instance_profile needs iam:PassRole, which AWSElasticBeanstalkCustomPlatformforEC2Role does not give',
      'warning: The flavor is amazon, but the login user is ubuntu, not ec2-user',
      'error: The template names "builder/missing.sh", which is not in the archive',
      'error: Packer 1.0.3 knows no "breakpoint" in provisioners',
      'error: Packer 1.0.3 knows no function "clean_resource_name" in templates',
      'warning: A provisioner of type "breakpoint" runs or writes on the machine that runs packer: a builder of Elastic Beanstalk, or yours in the sandbox',
      'warning: AWS retired custom platforms on 18 July 2022',
    ]);
  });

  it('looks at hooks and at the workspace of the EB CLI', async () => {
    const hooks = 'builder/platform-uploads/opt/elasticbeanstalk/hooks';
    const findings = await lintFolder({
      'platform.yaml': PLATFORM_YAML,
      'custom_platform.json': TEMPLATE,
      [`${hooks}/appdeploy/pre/00-a.sh`]: '# Copyright\n#!/bin/bash\n',
      [`${hooks}/appdeploy/before/00-a.sh`]: '#!/bin/bash\n',
      '.elasticbeanstalk/config.yml':
        'global:\n  instance_profile: aws-elasticbeanstalk-ec2-role\n  default_region: us-west-2\n  workspace_type: Application\n',
    });

    expect(findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      'error PLATFORM_REGION',
      'warning PLATFORM_HOOK_PLACE',
      'error PLATFORM_SCRIPT_SHEBANG',
      'error PLATFORM_INSTANCE_PROFILE',
      'error PLATFORM_CONFIG_YML',
      'warning PLATFORM_RETIRED',
    ]);
  });

  it('needs something to look at', async () => {
    await expect(openArchive('/nowhere/at/all', signal)).rejects.toMatchObject({ code: 'ARCHIVE_MISSING' });
  });
});
