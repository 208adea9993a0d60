import { isRecord } from '../is-record.js';
import type { TemplateSide } from './compare-templates.js';
import { expandValue } from './expand-value.js';

/** Path like `tags.team` or `launch_block_device_mappings.0.volume_size` → its value as text. */
export type FlatSettings = ReadonlyMap<string, string>;

/** Other names of the same setting. */
const SYNONYMS: Readonly<Record<string, string>> = {
  security_group_id: 'security_group_ids',
  temporary_security_group_source_cidr: 'temporary_security_group_source_cidrs',
};

/** Settings that take a list, or one text with commas. */
const LISTS = new Set(['security_group_ids', 'owners', 'temporary_security_group_source_cidrs']);

/** Packer's own defaults say nothing. */
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['communicator', 'ssh'],
  ['ssh_port', '22'],
  ['ssh_timeout', '5m'],
  ['encrypt_boot', 'false'],
  ['associate_public_ip_address', ''],
  ['ami_description', ''],
]);

/** Names of the build, which nothing in the image depends on. */
const UNIMPORTANT = new Set(['type', 'name']);

/** The settings of a builder with variables expanded and different ways to write the same made one. */
export function describeBuilder(side: TemplateSide): FlatSettings {
  const builders = side.template.builders.filter(({ type }) => type === 'amazon-ebs');
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(builders[side.builder] ?? {})) {
    if (!UNIMPORTANT.has(key)) flatten(SYNONYMS[key] ?? key, value, { side, flat });
  }
  for (const [key, value] of DEFAULTS) if (flat.get(key) === value) flat.delete(key);
  return flat;
}

interface Flattening {
  readonly side: TemplateSide;
  readonly flat: Map<string, string>;
}

function flatten(path: string, value: unknown, into: Flattening): void {
  const last = path.split('.').at(-1) ?? path;
  if (isRecord(value)) {
    for (const [key, each] of Object.entries(value)) flatten(`${path}.${expandValue(key, into.side)}`, each, into);
  } else if (Array.isArray(value) && value.some(isRecord)) {
    for (const [index, each] of value.entries()) flatten(`${path}.${index}`, each, into);
  } else if (LISTS.has(last) && !Array.isArray(value)) {
    flatten(path, String(value).split(','), into);
  } else if (value !== undefined && value !== null) {
    const text = Array.isArray(value)
      ? value.map((each) => expandValue(each, into.side)).join(',')
      : expandValue(value, into.side);
    into.flat.set(path, text);
  }
}
