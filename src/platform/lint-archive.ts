import { findNearest } from '../config/nearest.js';
import { parseJson } from '../config/parse-json.js';
import { parseYaml } from '../config/parse-yaml.js';
import type { ArchiveEntry, PlatformArchive } from './archive.js';
import { makeFinding, type PlatformFinding } from './finding.js';
import { isRecord } from './is-record.js';
import { type ArchiveText, readArchiveText } from './read-text.js';
import { checkLocal } from './rules/local-rules.js';
import { checkPlatformYaml } from './rules/platform-yaml-rules.js';
import { checkScripts } from './rules/script-rules.js';
import { checkTemplate } from './rules/template-rules.js';
import { checkWorkspace } from './rules/workspace-rules.js';

export interface LintOptions {
  /** Region that the platform is for; by default that of .elasticbeanstalk/config.yml, if there is one. */
  readonly region?: string;
  readonly signal: AbortSignal;
}

/** Everything that is wrong with an archive, the container first, then by file and line. */
export async function lintArchive(archive: PlatformArchive, options: LintOptions): Promise<readonly PlatformFinding[]> {
  const { entries } = archive;
  const retired = makeFinding('PLATFORM_RETIRED', { path: '', severity: 'warning' }, []);
  const workspace = await readWorkspace(entries);
  const region = options.region ?? workspace.region;
  const yamlEntry = entries.get('platform.yaml');
  const scripts = await checkScripts(entries, options.signal);
  if (yamlEntry === undefined) {
    // A container that could not be opened has no files to miss.
    const missing = entries.size === 0 && archive.findings.length > 0 ? [] : [draftMissingYaml(entries)];
    return [...archive.findings, ...missing, ...scripts, ...workspace.findings, retired];
  }
  const yaml = await readArchiveText(yamlEntry, (text) => parseYaml(text, 'yaml'), 'PLATFORM_YAML_SYNTAX');
  const template = await readTemplate(yaml, entries);
  return [
    ...archive.findings,
    ...yaml.findings,
    ...(yaml.value === undefined ? [] : checkPlatformYaml(yaml)),
    ...template.findings,
    ...(template.text?.value === undefined
      ? []
      : [
          ...checkTemplate(template.text, { entries, ...(region && { region }), flavor: readFlavor(yaml.value) }),
          ...checkLocal(template.text),
        ]),
    ...scripts,
    ...workspace.findings,
    retired,
  ];
}

function draftMissingYaml(entries: ReadonlyMap<string, ArchiveEntry>): PlatformFinding {
  const nested = [...entries.keys()].find((path) => /^[^/]+\/platform\.yaml$/.test(path));
  return makeFinding('PLATFORM_YAML_MISSING', { path: '' }, [nested]);
}

interface FoundTemplate {
  readonly text?: ArchiveText;
  readonly findings: readonly PlatformFinding[];
}

async function readTemplate(yaml: ArchiveText, entries: ReadonlyMap<string, ArchiveEntry>): Promise<FoundTemplate> {
  const name = readProvisioner(yaml.value)['template'];
  if (typeof name !== 'string' || name === '') return { findings: [] };
  const path = name.replace(/^\.\//, '');
  const entry = entries.get(path);
  if (entry === undefined) {
    const near = findNearest(
      path,
      [...entries.keys()].filter((each) => each.endsWith('.json')),
    );
    return { findings: [yaml.find('PLATFORM_TEMPLATE_MISSING', { at: ['provisioner', 'template'] }, [name, near])] };
  }
  const text = await readArchiveText(entry, parseJson, 'PLATFORM_TEMPLATE_SYNTAX');
  return { text, findings: text.findings };
}

async function readWorkspace(entries: ReadonlyMap<string, ArchiveEntry>) {
  const entry = entries.get('.elasticbeanstalk/config.yml');
  if (entry === undefined) return { findings: [] };
  const text = await readArchiveText(entry, (each) => parseYaml(each, 'yaml'), 'PLATFORM_CONFIG_YML');
  return checkWorkspace(text);
}

function readProvisioner(value: unknown): Readonly<Record<string, unknown>> {
  const provisioner = isRecord(value) ? value['provisioner'] : undefined;
  return isRecord(provisioner) ? provisioner : {};
}

function readFlavor(value: unknown): string {
  const { flavor } = readProvisioner(value);
  return typeof flavor === 'string' ? flavor : '';
}
