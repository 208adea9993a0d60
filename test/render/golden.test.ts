// To renew after a change that is meant: UPDATE_GOLDEN=1 npm test -- test/render/golden, and read the diff.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { loadTextTemplates } from '../../src/build/load-templates.js';
import type { ResolvedImage } from '../../src/config/resolved-config.js';
import { planImage } from '../../src/plan/plan-image.js';
import { renderImage } from '../../src/render/render-image.js';
import { anImage, planFacts } from '../support/an-image.js';

const golden = join(dirname(fileURLToPath(import.meta.url)), '..', 'golden');

const everything: ResolvedImage = anImage({
  name: 'everything',
  architecture: 'arm64',
  source: { kind: 'ssm-parameter', parameter: '/acme/base', owners: ['099720109477'] },
  builder: {
    ...anImage().builder,
    packerVersion: '1.16.0',
    sshUsername: 'ubuntu',
    sshSourceCidrs: ['203.0.113.7/32'],
    subnetId: 'subnet-0123456789abcdef0',
    iamInstanceProfile: 'builder',
  },
  provisioners: [
    { name: 'update', options: { level: 'all' } },
    { name: 'file', options: { source: '/config/rootfs', destination: '/', owner: 'root:root', mode: '0640' } },
    { name: 'shell', options: { script: '/config/install.sh', environment: { GREETING: "Hi {{ .X }} ${a} it's" } } },
    { name: 'shell', options: { inline: ['id -un'], runAs: 'login-user' } },
    { name: 'seal', options: { machineId: 'empty', zeroFill: false } },
  ],
  ami: { description: 'costs 5${dollars}', tags: { team: 'web', 'a %{b}': '$${c}' }, encrypt: false },
});

const facts = planFacts({
  '/config/rootfs/etc/motd': { digest: 'digest of motd', mode: 0o644 },
  '/config/install.sh': { digest: 'digest of install.sh', mode: 0o755 },
});

describe.each(['packer-json', 'packer-hcl2'] as const)('%s', (target) => {
  it.each([
    ['minimal', anImage({ name: 'minimal' })],
    ['everything', everything],
  ])('renders the image %s as reviewed', async (name, image) => {
    const templates = await loadTextTemplates('/nowhere');

    const files = renderImage(planImage(image, facts), target, templates);

    for (const file of files) {
      if (!('text' in file.content)) continue;
      const path = join(golden, name, target, file.path);
      if (process.env.UPDATE_GOLDEN === '1') {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, file.content.text);
      }
      expect(file.content.text).toBe(readFileSync(path, 'utf8'));
    }
  });
});
