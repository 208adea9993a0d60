import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { prepareTemplate } from '../../../src/sandbox/elastic-beanstalk/builder-template.js';
import { PLATFORM_FIXTURE } from '../../support/platform-files.js';

const SETTINGS = { bootstrapScript: 'awseb/boot.sh', sshPort: 22, runTags: { by: 'me' } };
const SOURCE = readFileSync(`${PLATFORM_FIXTURE}/custom_platform.json`, 'utf8');

describe('prepareTemplate', () => {
  it('puts the bootstrap first and leaves the rest as it is', () => {
    const { text, loginUser } = prepareTemplate(SOURCE, SETTINGS);

    const prepared = JSON.parse(text);
    const original = JSON.parse(SOURCE);
    expect(loginUser).toBe('admin');
    expect(prepared.provisioners[0]).toMatchObject({ type: 'shell', script: 'awseb/boot.sh' });
    expect(prepared.provisioners.slice(1)).toEqual(original.provisioners);
    expect(prepared.builders).toEqual([{ ...original.builders[0], run_tags: { by: 'me' } }]);
  });

  it('moves SSH to where sandboxed instances answer', () => {
    const { text } = prepareTemplate(SOURCE, { ...SETTINGS, sshPort: 2222 });

    expect(JSON.parse(text).builders[0].ssh_port).toBe(2222);
  });

  it('reads the login user through a variable', () => {
    const source = SOURCE.replace('"admin"', '"{{user `who`}}"').replace(
      '"variables": {',
      '"variables": { "who": "ubuntu",',
    );

    expect(prepareTemplate(source, SETTINGS).loginUser).toBe('ubuntu');
  });

  it.each([
    ['[]', /not a JSON object/],
    ['{}', /has no builders/],
    ['{', /is not JSON/],
    ['{"builders":[{"type":"docker"}]}', /builder of type "docker"/],
    ['{"builders":{"type":"amazon-ebs"}}', /builders .* not a list/],
  ])('refuses %s', (source, reason) => {
    expect(() => prepareTemplate(source, SETTINGS)).toThrow(reason);
  });
});
