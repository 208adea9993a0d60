import type { ImagePlan } from '../../plan/image-plan.js';
import type { RenderedFile } from '../rendered-file.js';
import { encodeSettings, legacyDialect } from './dialect.js';
import { formatJsonFile } from './json-file.js';
import { hasPackerFeature } from './packer-features.js';
import type { RenderOptions } from './render-options.js';
import { renderTemplate } from './render-template.js';
import type { TemplateVariable } from './template.js';

/** The template as Packer's legacy JSON, which every Packer reads: `template.json`. */
export function renderPackerJson(plan: ImagePlan, options: RenderOptions = {}): readonly RenderedFile[] {
  const template = renderTemplate(plan, options);
  const secrets = template.variables.filter(({ isSecret }) => isSecret).map(({ name }) => name);
  const isMasked = secrets.length > 0 && hasPackerFeature(plan.builder.packerVersion, 'sensitive_variables');
  const document = {
    description: legacyDialect.escapeText(template.description),
    min_packer_version: template.minPackerVersion,
    variables: Object.fromEntries(template.variables.map(renderVariable)),
    ...(isMasked ? { 'sensitive-variables': secrets } : {}),
    builders: [{ type: 'amazon-ebs', name: template.name, ...encodeObject(template.source) }],
    provisioners: template.provisioners.map((each) => encodeSettings(each, legacyDialect)),
  };
  return [formatJsonFile('template.json', document)];
}

/** Legacy JSON says "must be given" by null. */
function renderVariable({ name, default: value }: TemplateVariable) {
  return [name, value === undefined ? null : legacyDialect.escapeText(value)];
}

function encodeObject(settings: object): object {
  return encodeSettings(settings, legacyDialect) as object;
}
