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
    bundles: plan.payload.map((file) => file.path).filter((path) => path.startsWith('provisioners/')),
    branch: source.kind === 'platform-branch' ? source.branch : '',
    secrets: plan.secrets.map(({ variable }) => variable),
    secretsFile: formatSecretsFile(plan),
    steps: plan.steps.map((step) => step.title),
  };
  return { path: 'README.md', mode: 0o644, content: { text: renderText(templates, 'packer-readme.md.hbs', values) } };
}

/** What the file of secrets looks like, without any. */
function formatSecretsFile({ secrets }: ImagePlan): string {
  return JSON.stringify(Object.fromEntries(secrets.map(({ variable }) => [variable, '…'])));
}
