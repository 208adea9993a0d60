import type { ImagePlan } from '../../plan/image-plan.js';
import type { RenderedFile } from '../rendered-file.js';
import { encodeSettings, hcl2Dialect } from './dialect.js';
import { formatJsonFile } from './json-file.js';
import { renderTemplate } from './render-template.js';
import type { PackerProvisioner, TemplateVariable } from './template.js';

/** First version of the plugin that knows every key that a template may use (imds_support). */
const AMAZON_PLUGIN_VERSION = '>= 1.2.2';

/**
 * The template as HCL2 in JSON: `template.pkr.json`, and beside it `plugins.pkr.json`, which Packer before 1.7 cannot
 * read and is left out for by naming the first file alone.
 */
export function renderPackerHcl2(plan: ImagePlan): readonly RenderedFile[] {
  const template = renderTemplate(plan);
  const document = {
    variable: Object.fromEntries(template.variables.map(renderVariable)),
    source: { 'amazon-ebs': { [template.name]: encodeSettings(template.source, hcl2Dialect) } },
    build: {
      sources: [`source.amazon-ebs.${template.name}`],
      // An array of blocks keeps the order of different types; an object by type would not.
      provisioner: template.provisioners.map(renderProvisioner),
    },
  };
  return [
    formatJsonFile('plugins.pkr.json', renderPlugins(template.minPackerVersion)),
    formatJsonFile('template.pkr.json', document),
  ];
}

function renderVariable({ name, description, default: value, isSecret }: TemplateVariable) {
  const shared = {
    type: 'string',
    description: hcl2Dialect.escapeText(description),
    ...(isSecret ? { sensitive: true } : {}),
  };
  return [name, value === undefined ? shared : { ...shared, default: hcl2Dialect.escapeText(value) }];
}

function renderProvisioner({ type, ...settings }: PackerProvisioner) {
  return { [type]: encodeSettings(settings, hcl2Dialect) };
}

function renderPlugins(minPackerVersion: string) {
  return {
    packer: {
      required_version: `>= ${minPackerVersion}`,
      required_plugins: { amazon: { version: AMAZON_PLUGIN_VERSION, source: 'github.com/hashicorp/amazon' } },
    },
  };
}
