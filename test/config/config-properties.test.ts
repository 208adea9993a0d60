import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { completeImage } from '../../src/config/complete-image.js';
import type { BuildimgConfig } from '../../src/config/config-input.js';
import { formatProblems } from '../../src/config/format-problem.js';
import { findProblemsInText, loadText } from './support/find-problems.js';

const provisioner = fc.constantFrom<NonNullable<BuildimgConfig['images'][string]['provisioners']>[number]>(
  'update',
  'harden',
  { harden: {} },
  { update: { level: 'security' } },
  { packages: { install: ['nginx'] } },
  { shell: { inline: ['true'], environment: { A: 'b' } } },
);

const config: fc.Arbitrary<BuildimgConfig> = fc
  .record({
    name: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/),
    architecture: fc.constantFrom<'x86_64' | 'arm64'>('x86_64', 'arm64'),
    provisioners: fc.array(provisioner, { maxLength: 5 }),
    hasSeal: fc.boolean(),
    team: fc.string({ maxLength: 50 }).map((text) => text.replace(/[\p{Cc}$]/gu, '-')),
  })
  .map(({ name, architecture, provisioners, hasSeal, team }) => ({
    version: 1,
    images: {
      [name]: {
        version: '1.0.0',
        source: { os: 'debian-12' },
        architecture,
        provisioners: hasSeal ? [...provisioners, 'seal' as const] : provisioners,
        ami: { tags: { team } },
      },
    },
  }));

function completeConfig({ version, images }: BuildimgConfig): BuildimgConfig {
  const completed = Object.entries(images).map(([name, image]) => [name, completeImage(image)]);
  return { version, images: Object.fromEntries(completed) as BuildimgConfig['images'] };
}

describe('completeImage', () => {
  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(config, (written) => {
        const once = completeConfig(written);

        expect(completeConfig(once)).toEqual(once);
      }),
    );
  });
});

describe('loadConfig', () => {
  it('loads what it completed as the same config', async () => {
    await fc.assert(
      fc.asyncProperty(config, async (written) => {
        const first = await loadText(JSON.stringify(written), {}, 'buildimg.json');
        const second = await loadText(JSON.stringify(completeConfig(written)), {}, 'buildimg.json');

        expect(second.images).toEqual(first.images);
      }),
      { numRuns: 30 },
    );
  });

  it('never shows the value of a secret, wherever it is used', async () => {
    const secret = fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme' }).filter((text) => /\S{8}/.test(text));
    await fc.assert(
      fc.asyncProperty(secret, fc.boolean(), async (value, isDefault) => {
        const text = JSON.stringify({
          version: 1,
          variables: { token: { secret: true, ...(isDefault && { default: value.replaceAll('${', '') }) } },
          images: {
            web: {
              version: '${var:token}/',
              region: '${var:token}',
              architecture: '${var:token}',
              source: { os: '${var:token}' },
              builder: { sshPort: '${var:token}', instanceType: '-${var:token}' },
              provisioners: ['${var:token}', { shell: { script: '${var:token}' } }],
            },
          },
        });

        const problems = await findProblemsInText(text, isDefault ? {} : { variables: { token: value } });

        expect(problems.length).toBeGreaterThan(5);
        expect(formatProblems(problems, { color: false })).not.toContain(value.replaceAll('${', ''));
        expect(JSON.stringify(problems)).not.toContain(JSON.stringify(value.replaceAll('${', '')).slice(1, -1));
      }),
      { numRuns: 50 },
    );
  });
});
