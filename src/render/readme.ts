import type { ImagePlan } from '../plan/image-plan.js';
import { hasSshSourceVariable } from './packer/amazon-ebs-source.js';
import type { RenderedFile } from './rendered-file.js';
import { renderText, type TextTemplates } from './text-template.js';

export type PackerTarget = 'packer-json' | 'packer-hcl2';

/** The page that says what the folder is and how to build it by hand. */
export function renderReadme(plan: ImagePlan, target: PackerTarget, templates: TextTemplates): RenderedFile {
  const { source } = plan;
  const values = {
    image: plan.image,
    version: plan.version,
    amiName: plan.amiName,
    region: plan.region,
    isHcl2: target === 'packer-hcl2',
    templateFile: target === 'packer-hcl2' ? 'template.pkr.json' : 'template.json',
    hasSshSource: hasSshSourceVariable(plan),
    parameter: source.kind === 'variable' ? source.parameter : '',
    branch: source.kind === 'platform-branch' ? source.branch : '',
    steps: plan.steps.map((step) => step.title),
  };
  return { path: 'README.md', mode: 0o644, content: { text: renderText(templates, 'packer-readme.md.hbs', values) } };
}
