// What of a stranger's template would happen on the machine that runs packer.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lintArchive } from '../../src/platform/lint-archive.js';
import { openArchive } from '../../src/platform/open-archive.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';
import { aZip, TEMPLATE } from './support/archives.js';

const BASE = JSON.parse(TEMPLATE) as { readonly builders: readonly object[] };

function lintTemplate(changes: object): Promise<readonly string[]> {
  return withTemporaryFolder(async (folder) => {
    const file = join(folder, 'a.zip');
    writeFileSync(file, aZip({ 'custom_platform.json': JSON.stringify({ ...BASE, ...changes }, undefined, 1) }));
    const { signal } = new AbortController();
    const archive = await openArchive(file, signal);
    const findings = await lintArchive(archive, { signal });
    archive.close();
    return findings
      .filter(({ code, line }) => code.startsWith('PLATFORM_LOCAL_') && line !== undefined)
      .map(({ severity, code }) => `${severity} ${code.replace('PLATFORM_LOCAL_', '')}`);
  });
}

const COMMAND = ['warning COMMAND'];
const PATH = ['warning PATH'];
const steps = (...provisioners: readonly object[]) => ({ provisioners });

describe('platform lint, what runs on the machine of packer', () => {
  it.each([
    ['a shell-local step', steps({ type: 'shell-local', inline: ['true'] }), COMMAND],
    ['a step of a type that packer would look for on this machine', steps({ type: 'ansible' }), COMMAND],
    ['a step with its keys in other letters', steps({ Type: 'shell-local', Inline: ['true'] }), COMMAND],
    [
      'a list of steps with its key in other letters',
      { Provisioners: [{ type: 'shell-local' }] },
      [...COMMAND, ...COMMAND],
    ],
    ['a step for errors', { 'error-cleanup-provisioner': { type: 'shell-local', inline: ['true'] } }, COMMAND],
    ['a post-processor', { 'post-processors': [{ type: 'manifest' }] }, COMMAND],
    ['a post-processor by its name', { 'post-processors': ['compress'] }, COMMAND],
    [
      'post-processors in a sequence',
      { 'post-processors': [['compress', { type: 'shell-local' }]] },
      [...COMMAND, ...COMMAND],
    ],
    [
      'a download',
      steps({ type: 'file', direction: 'download', source: '/etc/os-release', destination: 'x' }),
      COMMAND,
    ],
    [
      'a direction that is computed',
      steps({ type: 'file', direction: '{{user `d`}}', source: 'a', destination: '/b' }),
      [...COMMAND, ...PATH],
    ],
    [
      'an override that makes a download of an upload',
      steps({
        type: 'file',
        source: 'a',
        destination: '/b',
        override: { ami: { direction: 'download', destination: 'c' } },
      }),
      // `/b` would be where it is written, too.
      [...COMMAND, ...PATH],
    ],
    [
      'a download out of the folder',
      steps({ type: 'file', direction: 'download', source: 'a', destination: '../b' }),
      [...COMMAND, ...PATH],
    ],
  ])('warns of %s', async (_what, changes, expected) => {
    expect(await lintTemplate(changes)).toEqual(expected);
  });

  it.each([
    ['an absolute source', steps({ type: 'file', source: '/etc/hostname', destination: '/tmp' })],
    ['one of several sources', steps({ type: 'file', sources: ['a', '~/.ssh/id_rsa'], destination: '/tmp' })],
    ['a script above the folder', steps({ type: 'shell', script: 'a/../../b.sh' })],
    ['a path by a variable', { ...steps({ type: 'shell', scripts: ['{{user `s`}}'] }), variables: { s: '/opt/x.sh' } }],
    ['a path that is computed', steps({ type: 'shell', script: '{{env `HOME`}}/x.sh' })],
    ['a path above the template', steps({ type: 'shell', script: '{{template_dir}}/../x.sh' })],
    ['user data from elsewhere', { builders: [{ ...BASE.builders[0], user_data_file: '/etc/passwd' }] }],
    ['a key of the user', { builders: [{ ...BASE.builders[0], SSH_Private_Key_File: '~/.ssh/id_rsa' }] }],
  ])('warns of %s', async (_what, changes) => {
    expect(await lintTemplate(changes)).toEqual(PATH);
  });

  it('says nothing of uploads and scripts of the archive', async () => {
    const template = {
      variables: { script: 'builder/x.sh' },
      ...steps(
        { type: 'file', source: 'builder', destination: '/tmp/', direction: 'upload' },
        { type: 'file', sources: ['./a', 'b/c/../d'], destination: '/tmp/' },
        { type: 'shell', script: '{{template_dir}}/builder/x.sh' },
        { type: 'shell', scripts: ['{{user `script`}}', '{{pwd}}/y.sh'] },
        { type: 'shell', inline: ['cat /etc/hostname'], override: { ami: { inline: ['true'] } } },
      ),
    };

    expect(await lintTemplate(template)).toEqual([]);
  });
});
