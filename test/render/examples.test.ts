// Everything in examples/ works as it stands: the real packer accepts it in both dialects.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { gatherPlanFacts } from '../../src/build/gather-plan-facts.js';
import { loadTextTemplates } from '../../src/build/load-templates.js';
import { writeRendered } from '../../src/build/write-rendered.js';
import { findConfigFile } from '../../src/config/find-config-file.js';
import { loadConfig } from '../../src/config/load-config.js';
import { planImage } from '../../src/plan/plan-image.js';
import { renderImage } from '../../src/render/render-image.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const TEMPLATES = { 'packer-json': 'template.json', 'packer-hcl2': 'template.pkr.json' } as const;

describe.each(readdirSync('examples'))('examples/%s', (example) => {
  it.each(['packer-json', 'packer-hcl2'] as const)('renders to %s that packer accepts', (target) =>
    withTemporaryFolder(async (outDir) => {
      const config = await loadConfig({ file: await findConfigFile(join('examples', example)), environment: {} });
      const facts = await gatherPlanFacts(config, new AbortController().signal);
      const templates = await loadTextTemplates(config.root);

      const verdicts = config.images.map((image) => {
        const files = renderImage(planImage(image, facts), target, templates);
        const cwd = writeRendered({ outDir, name: image.name, files });
        // Only Elastic Beanstalk knows what image a platform branch stands for.
        const given = image.source.kind === 'platform-branch' ? ['-var', 'source_ami=ami-00000000'] : [];
        return execFileSync('packer', ['validate', ...given, TEMPLATES[target]], { cwd, encoding: 'utf8' });
      });

      expect(verdicts.length).toBeGreaterThan(0);
      // Both dialects end without a complaint; only the legacy one says so.
      expect(verdicts.filter((verdict) => !/^(Template validated successfully\.\s*)?$/.test(verdict))).toEqual([]);
    }),
  );
});
