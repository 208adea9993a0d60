// A template becomes a config: one image for each amazon-ebs builder. References to variables stay references, so that
// the config takes the same values as the template did.

import { toText } from '../to-text.js';
import { importBuilder } from './import-builder.js';
import { importProvisioners } from './import-provisioners.js';
import type { ImportDesk, ImportedConfig } from './imported.js';
import { isSecretVariable, listSecretValues } from './imported-secrets.js';
import { toReferences } from './imported-text.js';
import type { LegacyTemplate, Settings } from './legacy-template.js';

export interface ImportSource {
  readonly template: LegacyTemplate;
  /** Name for an image whose builder has none. */
  readonly name: string;
  /** The platform section of every image, if the source is a platform definition. */
  readonly platform?: Settings;
  readonly isFolder: ImportDesk['isFolder'];
  readonly listFiles: ImportDesk['listFiles'];
}

/** The config that does what the template does; `images` is empty when it has no builder for EC2. */
export function importTemplate({ template, name, platform, ...lookups }: ImportSource): ImportedConfig {
  const desk: ImportDesk = {
    ...lookups,
    files: new Map(),
    notes: [...template.notes, ...listEnvironmentNotes(template)],
    secrets: new Map(),
    variableNames: new Set(template.variables.keys()),
  };
  const builders = template.builders.filter(({ type }) => type === 'amazon-ebs');
  for (const { type } of template.builders.filter((builder) => builder['type'] !== 'amazon-ebs')) {
    desk.notes.push(`builder ${toText(type)}: only amazon-ebs is carried over`);
  }
  if (template.postProcessors.length > 0) desk.notes.push('post-processors are not carried over');
  const images: Record<string, Settings> = {};
  for (const builder of builders) {
    const { image, loginUser } = importBuilder(builder, desk);
    const key = getFreeName(builders.length === 1 ? name : toText(builder['name'] ?? name), images);
    const provisioners = importProvisioners(template.provisioners, { loginUser, desk });
    images[key] = { version: '1.0.0', ...image, provisioners, ...(platform && { platform }) };
  }
  const variables = importVariables(template, JSON.stringify(images), desk);
  return {
    config: { version: 1, ...(Object.keys(variables).length > 0 && { variables }), images },
    files: desk.files,
    secretValues: [...listSecretValues(template), ...desk.secrets.values()],
    notes: [...new Set(desk.notes)],
  };
}

/**
 * Only those that are still asked for; Packer's `{{env}}` as a default becomes a reference to the environment. Secret ones
 * come without the value that the template had.
 */
function importVariables(template: LegacyTemplate, used: string, desk: ImportDesk): Record<string, Settings> {
  const wanted = [...template.variables].filter(([name]) => used.includes(`\${var:${name}}`));
  const own = wanted.map(([name, value]) => [name, importVariable(name, value, { template, desk })] as const);
  const taken = [...desk.secrets.keys()].map((name) => [name, { secret: true }] as const);
  return Object.fromEntries([...own, ...taken]);
}

function importVariable(
  name: string,
  value: string | undefined,
  { template, desk }: { readonly template: LegacyTemplate; readonly desk: ImportDesk },
): Settings {
  const reference = value === undefined ? undefined : toReferences(value);
  if (!isSecretVariable(name, template)) return reference === undefined ? {} : { default: reference };
  // A default that is computed holds no value.
  if (value !== undefined && value.includes('{{')) return { default: reference, secret: true };
  if (value !== undefined && value !== '') {
    desk.notes.push(`variable ${name} is a secret: its default was left out, and the config asks for it`);
  }
  return { secret: true };
}

const ENVIRONMENT_CALL = /\{\{\s*env\s+[`"]([^`"]*)[`"]\s*\}\}/g;

/** What the template would take from the environment of whoever builds it. */
function listEnvironmentNotes(template: LegacyTemplate): readonly string[] {
  const { variables, builders, provisioners } = template;
  const text = JSON.stringify([[...variables], builders, provisioners]).replaceAll('\\"', '"');
  return [...text.matchAll(ENVIRONMENT_CALL)].map(
    ([, name = '']) => `the environment variable ${name} is read by the template; the import did not look at it`,
  );
}

function getFreeName(wanted: string, taken: Readonly<Record<string, unknown>>): string {
  const plain =
    wanted
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 46) || 'image';
  if (!Object.hasOwn(taken, plain)) return plain;
  let number = 2;
  while (Object.hasOwn(taken, `${plain}-${number}`)) number += 1;
  return `${plain}-${number}`;
}
