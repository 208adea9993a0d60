// A template becomes a config: one image for each amazon-ebs builder. References to variables stay references, so that
// the config takes the same values as the template did.

import { toText } from '../to-text.js';
import { importBuilder } from './import-builder.js';
import { importProvisioners } from './import-provisioners.js';
import type { ImportDesk, ImportedConfig } from './imported.js';
import { toReferences } from './imported-text.js';
import type { LegacyTemplate, Settings } from './legacy-template.js';

export interface ImportSource {
  readonly template: LegacyTemplate;
  /** Name for an image whose builder has none. */
  readonly name: string;
  /** The platform section of every image, if the source is a platform definition. */
  readonly platform?: Settings;
  readonly isFolder: ImportDesk['isFolder'];
}

/** The config that does what the template does; `images` is empty when it has no builder for EC2. */
export function importTemplate({ template, name, platform, isFolder }: ImportSource): ImportedConfig {
  const desk: ImportDesk = { files: new Map(), notes: [...template.notes], isFolder };
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
  const variables = importVariables(template, JSON.stringify(images));
  return {
    config: { version: 1, ...(Object.keys(variables).length > 0 && { variables }), images },
    files: desk.files,
    notes: [...new Set(desk.notes)],
  };
}

/** Only those that are still asked for; Packer's `{{env}}` as a default becomes a reference to the environment. */
function importVariables({ variables }: LegacyTemplate, used: string): Record<string, Settings> {
  const wanted = [...variables].filter(([name]) => used.includes(`\${var:${name}}`));
  return Object.fromEntries(
    wanted.map(([name, value]) => [name, value === undefined ? {} : { default: toReferences(value) }]),
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
