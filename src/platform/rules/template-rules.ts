// The Packer template of an archive, held against what Packer 1.0.3 knows and what Elastic Beanstalk's builder may do.
import type { ConfigPath } from '../../config/config-path.js';
import { findNearest } from '../../config/nearest.js';
import { quoteValue } from '../../config/printable.js';
import type { ArchiveEntry } from '../archive.js';
import type { PlatformFinding } from '../finding.js';
import { isRecord } from '../is-record.js';
import {
  blockDeviceKeys,
  builderKeys,
  provisionerKeys,
  provisionerTypes,
  rootKeys,
  sourceFilterKeys,
  templateFunctions,
} from '../packer-vocabulary.js';
import type { ArchiveText } from '../read-text.js';

export interface TemplateFacts {
  readonly entries: ReadonlyMap<string, ArchiveEntry>;
  /** Region that the platform is for, if it is known. */
  readonly region?: string;
  /** As platform.yaml says; empty for none. */
  readonly flavor: string;
}

type Mapping = Readonly<Record<string, unknown>>;

/** What is wrong with a template whose text is JSON. */
export function checkTemplate(text: ArchiveText, facts: TemplateFacts): readonly PlatformFinding[] {
  const { value } = text;
  if (!isRecord(value)) return [text.find('PLATFORM_TEMPLATE_BUILDER', { at: [] }, ['A template is a JSON object'])];
  const builders = asList(value['builders']);
  const variables = isRecord(value['variables']) ? value['variables'] : {};
  return [
    ...checkKeys(text, value, { at: [], known: rootKeys, where: 'a template', ignored: /^_/ }),
    ...checkBuilders(text, builders, { ...facts, variables }),
    ...asList(value['provisioners']).flatMap((each, index) =>
      checkProvisioner(text, each, ['provisioners', index], facts),
    ),
    ...checkFunctions(text, value, []),
  ];
}

interface KeyRules {
  readonly at: ConfigPath;
  readonly known: ReadonlySet<string>;
  readonly where: string;
  readonly ignored?: RegExp;
}

function checkKeys(
  text: ArchiveText,
  value: Mapping,
  { at, known, where, ignored }: KeyRules,
): readonly PlatformFinding[] {
  return Object.keys(value)
    .filter((key) => !known.has(key) && ignored?.test(key) !== true)
    .map((key) => {
      const near = findNearest(key, known);
      return text.find('PLATFORM_TEMPLATE_KEY', { at: [...at, key], target: 'key' }, [quoteValue(key), where, near]);
    });
}

interface BuilderFacts extends TemplateFacts {
  readonly variables: Mapping;
}

function checkBuilders(
  text: ArchiveText,
  builders: readonly unknown[],
  facts: BuilderFacts,
): readonly PlatformFinding[] {
  const at = ['builders'];
  if (builders.length !== 1) {
    const what = `A platform version is one AMI; the template has ${builders.length} builders`;
    return [text.find('PLATFORM_TEMPLATE_BUILDER', { at }, [what])];
  }
  const [builder] = builders;
  if (!isRecord(builder) || builder['type'] !== 'amazon-ebs') {
    return [text.find('PLATFORM_TEMPLATE_BUILDER', { at: [...at, 0] }, ['The builder has to be of type amazon-ebs'])];
  }
  const place = [...at, 0];
  return [
    ...checkKeys(text, builder, { at: place, known: builderKeys, where: 'amazon-ebs' }),
    ...checkNested(text, builder, place),
    ...checkSource(text, builder, place),
    ...checkRegion(text, builder, { ...facts, at: place }),
    ...checkPermissions(text, builder, place),
    ...checkFlavor(text, builder, { ...facts, at: place }),
  ];
}

function checkNested(text: ArchiveText, builder: Mapping, at: ConfigPath): readonly PlatformFinding[] {
  const filter = builder['source_ami_filter'];
  const devices = ['launch_block_device_mappings', 'ami_block_device_mappings'].flatMap((key) =>
    asList(builder[key]).flatMap((device, index) =>
      isRecord(device)
        ? checkKeys(text, device, { at: [...at, key, index], known: blockDeviceKeys, where: 'a block device' })
        : [],
    ),
  );
  const filters = isRecord(filter)
    ? checkKeys(text, filter, { at: [...at, 'source_ami_filter'], known: sourceFilterKeys, where: 'source_ami_filter' })
    : [];
  return [...filters, ...devices];
}

function checkSource(text: ArchiveText, builder: Mapping, at: ConfigPath): readonly PlatformFinding[] {
  const { source_ami: ami, source_ami_filter: filter } = builder;
  const findings: PlatformFinding[] = [];
  if ((ami === undefined || ami === '') && filter === undefined) {
    const what = 'A source_ami or source_ami_filter must be specified';
    findings.push(
      text.find('PLATFORM_TEMPLATE_BUILDER', { at: [...at, ami === undefined ? 'type' : 'source_ami'] }, [what]),
    );
  }
  if (isRecord(filter) && filter['owners'] === undefined) {
    const place = { at: [...at, 'source_ami_filter'], target: 'key', severity: 'warning' } as const;
    const what = 'source_ami_filter names no owners: anybody can publish an image of any name';
    findings.push(text.find('PLATFORM_TEMPLATE_BUILDER', place, [what]));
  }
  if (builder['ami_virtualization_type'] === 'paravirtual') {
    const place = { at: [...at, 'ami_virtualization_type'] };
    findings.push(text.find('PLATFORM_TEMPLATE_BUILDER', place, ['Custom platforms are HVM only']));
  }
  return findings;
}

function checkRegion(
  text: ArchiveText,
  builder: Mapping,
  { at, region: wanted, variables }: BuilderFacts & { readonly at: ConfigPath },
): readonly PlatformFinding[] {
  const findings: PlatformFinding[] = [];
  const region = expandVariable(builder['region'], variables);
  if (region === undefined || region === '') {
    findings.push(text.find('PLATFORM_TEMPLATE_BUILDER', { at: [...at, 'region'] }, ['The builder names no region']));
  } else if (wanted !== undefined && region !== wanted && !region.includes('{{')) {
    const what = `The template builds in ${region}, the platform is for ${wanted}`;
    findings.push(text.find('PLATFORM_REGION', { at: [...at, 'region'] }, [what]));
  }
  for (const key of ['ami_regions', 'region_kms_key_ids']) {
    if (builder[key] === undefined) continue;
    const place = { at: [...at, key], target: 'key', severity: 'warning' } as const;
    findings.push(
      text.find('PLATFORM_REGION', place, [`${key} copies the AMI, but a platform version has one, in its region`]),
    );
  }
  return findings;
}

/** Keys that need more than the managed policy of the platform builder gives (version 1, 2017-02-21, unchanged). */
const PERMISSIONS = new Map([
  ['iam_instance_profile', 'iam:PassRole'],
  ['kms_key_id', 'kms:*'],
  ['encrypt_boot', 'kms:*'],
  ['spot_price', 'ec2:RequestSpotInstances'],
]);

function checkPermissions(text: ArchiveText, builder: Mapping, at: ConfigPath): readonly PlatformFinding[] {
  return [...PERMISSIONS]
    .filter(([key]) => builder[key] !== undefined && builder[key] !== false && builder[key] !== '')
    .map(([key, permission]) =>
      text.find('PLATFORM_PERMISSION', { at: [...at, key], target: 'key', severity: 'warning' }, [key, permission]),
    );
}

function checkFlavor(
  text: ArchiveText,
  builder: Mapping,
  { at, flavor }: BuilderFacts & { readonly at: ConfigPath },
): readonly PlatformFinding[] {
  const user = builder['ssh_username'];
  const expected = { amazon: 'ec2-user', ubuntu1604: 'ubuntu', rhel7: 'ec2-user', rhel6: 'ec2-user' }[flavor];
  if (expected === undefined || typeof user !== 'string' || user === expected || user.includes('{{')) return [];
  const what = `the login user is ${user}, not ${expected}`;
  return [text.find('PLATFORM_FLAVOR_MISMATCH', { at: [...at, 'ssh_username'], severity: 'warning' }, [flavor, what])];
}

function checkProvisioner(
  text: ArchiveText,
  provisioner: unknown,
  at: ConfigPath,
  { entries }: TemplateFacts,
): readonly PlatformFinding[] {
  if (!isRecord(provisioner)) return [text.find('PLATFORM_TEMPLATE_BUILDER', { at }, ['A provisioner is an object'])];
  const type = String(provisioner['type']);
  const known = provisionerKeys.get(type);
  if (!provisionerTypes.has(type)) {
    const near = findNearest(type, provisionerTypes);
    return [text.find('PLATFORM_TEMPLATE_KEY', { at: [...at, 'type'] }, [quoteValue(type), 'provisioners', near])];
  }
  const keys = known === undefined ? [] : checkKeys(text, provisioner, { at, known, where: `the provisioner ${type}` });
  return [...keys, ...checkFiles(text, provisioner, { at, entries })];
}

function checkFiles(
  text: ArchiveText,
  provisioner: Mapping,
  { at, entries }: { readonly at: ConfigPath; readonly entries: ReadonlyMap<string, ArchiveEntry> },
): readonly PlatformFinding[] {
  if (provisioner['direction'] === 'download') return [];
  return ['script', 'scripts', 'source', 'sources'].flatMap((key) => {
    const value = provisioner[key];
    const paths = Array.isArray(value) ? value : value === undefined ? [] : [value];
    return paths
      .filter((path): path is string => typeof path === 'string' && !path.includes('{{'))
      .filter((path) => !hasEntry(entries, path))
      .map((path) => text.find('PLATFORM_TEMPLATE_FILE', { at: [...at, key] }, [quoteValue(path)]));
  });
}

/** Zip files need not list their folders. */
function hasEntry(entries: ReadonlyMap<string, ArchiveEntry>, path: string): boolean {
  const plain = path.replace(/^(?:\.\/)+/, '').replace(/(?<!\/)\/+$/, '');
  return (
    plain === '.' ||
    plain === '' ||
    entries.has(plain) ||
    [...entries.keys()].some((each) => each.startsWith(`${plain}/`))
  );
}

/** `{{user `x`}}` as the default of the variable x; other text as it is. */
function expandVariable(value: unknown, variables: Mapping): string | undefined {
  if (typeof value !== 'string') return undefined;
  return value.replace(/\{\{\s*user\s+`([^`]*)`\s*\}\}/g, (whole, name: string) => {
    const given = variables[name];
    return typeof given === 'string' ? given : whole;
  });
}

function checkFunctions(text: ArchiveText, value: unknown, at: ConfigPath): readonly PlatformFinding[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => checkFunctions(text, each, [...at, index]));
  if (isRecord(value)) return Object.entries(value).flatMap(([key, each]) => checkFunctions(text, each, [...at, key]));
  if (typeof value !== 'string') return [];
  return [...value.matchAll(/\{\{-?\s*([a-z_]+)/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => !templateFunctions.has(name) && !GO_WORDS.has(name))
    .map((name) => {
      const near = findNearest(name, templateFunctions);
      return text.find('PLATFORM_TEMPLATE_KEY', { at }, [`function ${quoteValue(name)}`, 'templates', near]);
    });
}

/** Go's own; https://pkg.go.dev/text/template */
const GO_WORDS: ReadonlySet<string> = new Set(
  'if else end range with define template block and or not eq ne lt le gt ge len index print printf println html js urlquery call'.split(
    ' ',
  ),
);

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
