// The limits of the developer guide's "platform.yaml file format", and what the EB CLI trips over.
import type { ConfigPath } from '../../config/config-path.js';
import { findNearest } from '../../config/nearest.js';
import { quoteValue } from '../../config/printable.js';
import type { PlatformFinding } from '../finding.js';
import { isRecord } from '../is-record.js';
import type { ArchiveText } from '../read-text.js';

const ROOT_KEYS = ['version', 'provisioner', 'metadata', 'option_definitions', 'option_settings'];
const PROVISIONER_KEYS = ['type', 'template', 'flavor'];
const FLAVORS = ['amazon', 'ubuntu1604', 'rhel7', 'rhel6'];
const MAX_OPTIONS = 50;

/** Key of `metadata` → most characters. */
const METADATA_LIMITS: ReadonlyMap<string, number> = new Map([
  ['maintainer', 100],
  ['description', 2000],
  ...['operating_system', 'programming_language', 'framework', 'app_server'].flatMap(
    (what) =>
      [
        [`${what}_name`, 50],
        [`${what}_version`, 20],
      ] as const,
  ),
]);

const DEFINITION_LIMITS = { namespace: 100, option_name: 100, description: 1024, default_value: undefined };
const SETTING_LIMITS = { namespace: undefined, option_name: undefined, value: undefined };

/** What is wrong with a platform.yaml whose text is YAML. */
export function checkPlatformYaml(text: ArchiveText): readonly PlatformFinding[] {
  const { value } = text;
  if (!isRecord(value)) return [text.find('PLATFORM_YAML_VALUE', { at: [] }, ['platform.yaml', 'has to be a mapping'])];
  return [
    ...checkKeys(text, value, { at: [], known: ROOT_KEYS }),
    ...checkVersion(text, value['version']),
    ...checkProvisioner(text, value['provisioner']),
    ...checkMetadata(text, value['metadata']),
    ...checkOptions(text, value['option_definitions'], { list: 'option_definitions', limits: DEFINITION_LIMITS }),
    ...checkOptions(text, value['option_settings'], { list: 'option_settings', limits: SETTING_LIMITS }),
  ];
}

type Mapping = Readonly<Record<string, unknown>>;

function checkKeys(
  text: ArchiveText,
  value: Mapping,
  { at, known }: { readonly at: ConfigPath; readonly known: readonly string[] },
): readonly PlatformFinding[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) =>
      text.find('PLATFORM_YAML_KEY', { at: [...at, key], target: 'key' }, [quoteValue(key), findNearest(key, known)]),
    );
}

function checkVersion(text: ArchiveText, version: unknown): readonly PlatformFinding[] {
  const at = ['version'];
  if (version === '1.0') return [];
  if (version === undefined) return [text.find('PLATFORM_YAML_VALUE', { at }, ['version', 'is missing; it is "1.0"'])];
  if (typeof version === 'number') return [draftUnquoted(text, at, version)];
  return [text.find('PLATFORM_YAML_VALUE', { at }, ['version', `is ${quoteValue(version)}; it has to be "1.0"`])];
}

function checkProvisioner(text: ArchiveText, provisioner: unknown): readonly PlatformFinding[] {
  const at = ['provisioner'];
  if (!isRecord(provisioner)) {
    return [text.find('PLATFORM_YAML_VALUE', { at }, ['provisioner', 'has to name type and template'])];
  }
  const findings = [...checkKeys(text, provisioner, { at, known: PROVISIONER_KEYS })];
  const { type, template, flavor } = provisioner;
  if (type !== 'packer') {
    findings.push(text.find('PLATFORM_YAML_VALUE', { at: [...at, 'type'] }, ['provisioner.type', 'has to be packer']));
  }
  if (typeof template !== 'string' || template === '') {
    const what = 'has to name the Packer template in the archive';
    findings.push(text.find('PLATFORM_YAML_VALUE', { at: [...at, 'template'] }, ['provisioner.template', what]));
  }
  if (flavor !== undefined && !FLAVORS.some((known) => known === flavor)) {
    findings.push(text.find('PLATFORM_FLAVOR', { at: [...at, 'flavor'] }, [quoteValue(flavor)]));
  }
  return findings;
}

function checkMetadata(text: ArchiveText, metadata: unknown): readonly PlatformFinding[] {
  if (metadata === undefined) return [];
  if (metadata === null) return [text.find('PLATFORM_YAML_NULL', { at: ['metadata'], target: 'key' }, ['metadata'])];
  if (!isRecord(metadata)) {
    return [text.find('PLATFORM_YAML_VALUE', { at: ['metadata'] }, ['metadata', 'has to be a mapping'])];
  }
  const known = [...METADATA_LIMITS.keys()];
  const values = Object.entries(metadata).flatMap(([key, value]) => {
    const limit = METADATA_LIMITS.get(key);
    return limit === undefined ? [] : checkText(text, { at: ['metadata', key], value, limit });
  });
  return [...checkKeys(text, metadata, { at: ['metadata'], known }), ...values];
}

interface OptionRules {
  readonly list: 'option_definitions' | 'option_settings';
  /** Key → most characters; undefined where none is documented. */
  readonly limits: Readonly<Record<string, number | undefined>>;
}

function checkOptions(text: ArchiveText, options: unknown, { list, limits }: OptionRules): readonly PlatformFinding[] {
  if (options === undefined) return [];
  if (options === null) return [text.find('PLATFORM_YAML_NULL', { at: [list], target: 'key' }, [list])];
  if (!Array.isArray(options)) return [text.find('PLATFORM_YAML_VALUE', { at: [list] }, [list, 'has to be a list'])];
  const findings: PlatformFinding[] = [];
  if (options.length > MAX_OPTIONS) {
    findings.push(
      text.find('PLATFORM_YAML_VALUE', { at: [list] }, [
        list,
        `has ${options.length} entries; ${MAX_OPTIONS} are allowed`,
      ]),
    );
  }
  const seen = new Set<string>();
  for (const [index, option] of options.entries()) {
    const at = [list, index];
    if (!isRecord(option)) {
      findings.push(text.find('PLATFORM_YAML_VALUE', { at }, [`${list}[${index}]`, 'has to be a mapping']));
      continue;
    }
    findings.push(...checkOption(text, option, { at, limits, list }));
    const name = `${String(option['namespace'])} ${String(option['option_name'])}`;
    if (seen.has(name)) findings.push(text.find('PLATFORM_OPTION_TWICE', { at }, [quoteValue(name)]));
    seen.add(name);
  }
  return findings;
}

function checkOption(
  text: ArchiveText,
  option: Mapping,
  { at, limits, list }: OptionRules & { readonly at: ConfigPath },
): readonly PlatformFinding[] {
  const findings = [...checkKeys(text, option, { at, known: Object.keys(limits) })];
  for (const key of ['namespace', 'option_name']) {
    if (option[key] === undefined) findings.push(text.find('PLATFORM_YAML_VALUE', { at }, [key, 'is missing']));
  }
  for (const [key, limit] of Object.entries(limits)) {
    const value = option[key];
    if (value !== undefined) findings.push(...checkText(text, { at: [...at, key], value, limit }));
  }
  const { namespace } = option;
  const isCustom = typeof namespace === 'string' && /^aws:elasticbeanstalk:container:custom(?::.+)?$/.test(namespace);
  if (list === 'option_definitions' && typeof namespace === 'string' && !isCustom) {
    const what = `is ${quoteValue(namespace)}; a platform defines options under aws:elasticbeanstalk:container:custom`;
    findings.push(text.find('PLATFORM_YAML_VALUE', { at: [...at, 'namespace'] }, ['namespace', what]));
  }
  return findings;
}

interface TextRule {
  readonly at: ConfigPath;
  readonly value: unknown;
  readonly limit: number | undefined;
}

function checkText(text: ArchiveText, { at, value, limit }: TextRule): readonly PlatformFinding[] {
  const key = String(at.at(-1));
  if (value === null) return [text.find('PLATFORM_YAML_NULL', { at, target: 'key' }, [key])];
  if (typeof value === 'number') return [draftUnquoted(text, at, value)];
  if (typeof value === 'boolean') return [];
  if (typeof value !== 'string') return [text.find('PLATFORM_YAML_VALUE', { at }, [key, 'has to be text'])];
  if (limit === undefined || value.length <= limit) return [];
  return [text.find('PLATFORM_YAML_VALUE', { at }, [key, `has ${value.length} characters; ${limit} are allowed`])];
}

/** 16.10 is 16.1 once the EB CLI has written the file again; whole numbers and 16.04 survive that, by luck. */
function draftUnquoted(text: ArchiveText, at: ConfigPath, value: number): PlatformFinding {
  const written = text.wordsAt(at);
  const place =
    written === String(value) || Number.isNaN(Number(written)) ? ({ at, severity: 'warning' } as const) : { at };
  return text.find('PLATFORM_YAML_UNQUOTED', place, [String(at.at(-1)), written, String(value)]);
}
