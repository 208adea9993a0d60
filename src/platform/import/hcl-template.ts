// Packer's HCL2 as a legacy template. What a template computes (functions, loops, conditions) has no counterpart in a
// config and becomes a note; plain values, variables, locals and strings made of those are understood.

import { toText } from '../to-text.js';
import type { LegacyTemplate, Settings } from './legacy-template.js';
import { type HclBlock, readHclBlocks } from './read-hcl.js';

/** `text` is the content of a .pkr.hcl file. Throws IMPORT_SYNTAX. */
export async function readHclTemplate(text: string, path: string): Promise<LegacyTemplate> {
  const { blocks, notes } = await readHclBlocks(text, path);
  const ofType = (type: string) => blocks.filter((block) => block.type === type);
  const builds = ofType('build');
  const sources = ofType('source');
  const wanted = new Set(builds.flatMap((build) => listSourceNames(build)));
  const chosen = sources.filter(({ labels }) => wanted.size === 0 || wanted.has(labels.join('.')));
  const variables = ofType('variable').map(({ labels, settings }) => [labels[0] ?? '', readDefault(settings)] as const);
  return {
    variables: new Map(variables),
    sensitive: new Set(
      ofType('variable')
        .filter(({ settings }) => settings['sensitive'] === true)
        .map(({ labels }) => labels[0] ?? ''),
    ),
    builders: chosen.map(({ labels, settings }) => ({ type: labels[0], name: labels[1], ...settings })),
    provisioners: builds.flatMap(({ blocks: inner }) =>
      inner
        .filter(({ type }) => type === 'provisioner')
        .map(({ labels, settings }): Settings => ({ type: labels[0], ...settings })),
    ),
    postProcessors: builds.flatMap(({ blocks: inner }) =>
      inner.filter(({ type }) => type.startsWith('post-processor')),
    ),
    notes,
  };
}

/** `["source.amazon-ebs.web"]` → `amazon-ebs.web`; `source "source.amazon-ebs.web" {}` inside build says the same. */
function listSourceNames({ settings, blocks }: HclBlock): readonly string[] {
  const listed = Array.isArray(settings['sources']) ? settings['sources'] : [];
  const inner = blocks.filter(({ type }) => type === 'source').flatMap(({ labels }) => labels);
  return [...listed, ...inner].map((name) => String(name).replace(/^source\./, ''));
}

function readDefault(settings: Settings): string | undefined {
  const value = settings['default'];
  return value === undefined || value === null ? undefined : toText(value);
}
