// The real packer judges what we render. It needs no credentials and makes no request.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { loadTextTemplates } from '../../src/build/load-templates.js';
import { writeRendered } from '../../src/build/write-rendered.js';
import type { ResolvedImage } from '../../src/config/resolved-config.js';
import { renderForBuild } from '../../src/render/render-image.js';
import { anImage } from '../support/an-image.js';
import { carriableStrings, hostileStrings } from '../support/hostile-strings.js';
import { planImageIn, renderPlanIn, writeFiles } from '../support/render-image-in.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const run = promisify(execFile);
const targets = [
  ['packer-json', 'template.json'],
  ['packer-hcl2', 'template.pkr.json'],
] as const;

describe('packer validate of what a build runs', () => {
  it('accepts the gate before the capture', () =>
    withTemporaryFolder(async (folder) => {
      const plan = await planImageIn(folder, anImage());
      const files = renderForBuild(plan, { templates: await loadTextTemplates(folder), isGated: true });
      const cwd = writeRendered({ outDir: folder, name: 'web', files });
      const env = { ...process.env, CHECKPOINT_DISABLE: '1' };

      const { stdout } = await run('packer', ['validate', 'template.json'], { cwd, env });

      expect(stdout).not.toContain('rror');
    }));
});

describe.each(targets)('packer validate of %s', (target, templateFile) => {
  const validate = (
    image: ResolvedImage,
    files: Readonly<Record<string, string>> = {},
    variables: readonly string[] = [],
  ) =>
    withTemporaryFolder(async (folder) => {
      writeFiles(`${folder}/config`, { ...files, 'buildimg.yaml': '' });
      const absolute = JSON.parse(JSON.stringify(image).replaceAll('ROOT', `${folder}/config`)) as ResolvedImage;
      const plan = await planImageIn(`${folder}/config`, absolute);
      const rendered = await renderPlanIn(`${folder}/out`, plan, target);
      const { stdout } = await run('packer', ['validate', ...variables, templateFile], {
        cwd: rendered,
        env: { ...process.env, CHECKPOINT_DISABLE: '1' },
      });
      return stdout;
    });

  it('accepts an image with everything in it', async () => {
    const image = anImage({
      builder: {
        ...anImage().builder,
        sshSourceCidrs: ['203.0.113.7/32'],
        vpcId: 'vpc-0123456789abcdef0',
        subnetId: 'subnet-0123456789abcdef0',
        iamInstanceProfile: 'builder',
        associatePublicIpAddress: true,
        rootVolume: { sizeGib: 20, type: 'gp3' },
      },
      provisioners: [
        { name: 'update', options: { level: 'all' } },
        { name: 'packages', options: { install: ['nginx'], remove: [] } },
        { name: 'file', options: { source: 'ROOT/rootfs', destination: '/' } },
        { name: 'shell', options: { script: 'ROOT/install.sh', environment: { A: '1' } } },
        { name: 'shell', options: { inline: ['true'], runAs: 'login-user' } },
        { name: 'harden', options: { profile: 'baseline' } },
        { name: 'seal', options: {} },
      ],
      ami: { description: 'all of it', tags: { team: 'web' }, encrypt: true, kmsKeyId: 'alias/images' },
    });

    const answer = await validate(image, { 'rootfs/etc/motd': 'hello\n', 'install.sh': '#!/bin/sh\n' });

    expect(answer).not.toContain('rror');
  });

  it('accepts every kind of source image and network', async () => {
    const builder = { ...anImage().builder, sshUsername: 'admin' };
    const images = [
      anImage({ builder, source: { kind: 'ami', id: 'ami-0123456789abcdef0' } }),
      anImage({ builder, source: { kind: 'filter', owners: ['self'], filters: { name: hostileStrings.join('') } } }),
      anImage({ builder: { ...builder, securityGroupIds: ['sg-0123456789abcdef0'] } }),
    ];

    const answers = await Promise.all(images.map((image) => validate(image)));

    expect(answers.join('')).not.toContain('rror');
  });

  it('needs the image id of an SSM parameter and nothing else', async () => {
    const source = { kind: 'ssm-parameter', parameter: '/acme/base', owners: ['136693071363'] } as const;
    const image = anImage({ source });

    const without = validate(image);
    await expect(without).rejects.toThrow();
    const answer = await validate(image, {}, ['-var', 'source_ami=ami-0123456789abcdef0']);

    expect(answer).not.toContain('rror');
  });

  it('accepts hostile text wherever a config takes text', async () => {
    const image = anImage({
      provisioners: hostileStrings.map((text, index) => ({
        name: 'shell',
        options: { inline: [`: ${text}`], environment: { [`VALUE_${index}`]: text }, title: text },
      })),
      ami: {
        description: carriableStrings.join(' '),
        tags: Object.fromEntries(carriableStrings.map((text) => [`key ${text}`, text])),
        encrypt: false,
      },
    });

    const answer = await validate(image);

    expect(answer).not.toContain('rror');
  });

  it('accepts hostile names of files and destinations', async () => {
    const names = hostileStrings.map((text) => `n ${text.replaceAll('/', '_')}`);
    const provisioners = names.flatMap((name) => [
      { name: 'file', options: { source: `ROOT/folder/${name}`, destination: `/opt/${name}` } },
      { name: 'shell', options: { script: `ROOT/folder/${name}` } },
    ]);
    const folder = { name: 'file', options: { source: 'ROOT/folder', destination: '/opt' } };

    const files = Object.fromEntries(names.map((name) => [`folder/${name}`, '#!/bin/sh\n']));
    const answer = await validate(anImage({ provisioners: [...provisioners, folder] }), files);

    expect(answer).not.toContain('rror');
  });

  it('accepts any text at all in tags and values', async () => {
    const texts = fc.sample(fc.string({ unit: 'grapheme', maxLength: 60 }), { numRuns: 300, seed: 7 });
    const carriable = texts.filter((text) => !text.includes('{{'));
    const image = anImage({
      provisioners: [
        {
          name: 'shell',
          options: { inline: ['true'], environment: Object.fromEntries(texts.map((text, i) => [`V${i}`, text])) },
        },
      ],
      ami: { tags: Object.fromEntries(carriable.map((text, i) => [`k${i}${text}`, text])), encrypt: false },
    });

    const answer = await validate(image);

    expect(answer).not.toContain('rror');
  });
});
