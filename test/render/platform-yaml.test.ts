import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadTextTemplates } from '../../src/build/load-templates.js';
import type { PlatformConfig } from '../../src/config/resolved-config.js';
import { renderPlatformYaml } from '../../src/render/platform-yaml.js';
import { hostileStrings } from '../support/hostile-strings.js';

const minimal = { name: 'node', operatingSystemName: 'Ubuntu', operatingSystemVersion: '16.10' };

describe('renderPlatformYaml', () => {
  it('keeps versions text and leaves out what is empty', async () => {
    expect(await read(minimal)).toEqual({
      version: '1.0',
      provisioner: { type: 'packer', template: 'custom_platform.json' },
      metadata: { operating_system_name: 'Ubuntu', operating_system_version: '16.10' },
    });
  });

  it('names the flavor of a system that Elastic Beanstalk knew', async () => {
    const platform = { ...minimal, operatingSystemVersion: '16.04' };

    expect(await read(platform)).toMatchObject({ provisioner: { flavor: 'ubuntu1604' } });
  });

  it('carries options, and any text in them as it is', async () => {
    const description = hostileStrings.join('\n');
    const namespace = 'aws:elasticbeanstalk:container:custom:application';
    const platform = {
      ...minimal,
      description,
      maintainer: '"me" <me@example.com>: # no',
      optionDefinitions: [
        { namespace, optionName: 'EMPTY', default: '', description },
        { namespace, optionName: 'NONE' },
      ],
      optionSettings: [{ namespace, optionName: 'ON', value: 'yes' }],
    };

    expect(await read(platform)).toMatchObject({
      metadata: { description, maintainer: '"me" <me@example.com>: # no' },
      option_definitions: [
        { namespace, option_name: 'EMPTY', default_value: '', description },
        { namespace, option_name: 'NONE' },
      ],
      option_settings: [{ namespace, option_name: 'ON', value: 'yes' }],
    });
  });
});

async function read(platform: PlatformConfig): Promise<unknown> {
  const { content } = renderPlatformYaml('web', platform, await loadTextTemplates('/nowhere'));
  return 'text' in content ? parse(content.text) : undefined;
}
