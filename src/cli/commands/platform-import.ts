import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { gatherPlanFacts } from '../../build/gather-plan-facts.js';
import { loadTextTemplates } from '../../build/load-templates.js';
import { writeRendered } from '../../build/write-rendered.js';
import { ConfigInvalidError, formatProblems } from '../../config/config-invalid-error.js';
import { loadConfig } from '../../config/load-config.js';
import { toPrintable } from '../../config/printable.js';
import { createError, ExitCode } from '../../errors.js';
import { planImage } from '../../plan/plan-image.js';
import { compareTemplates, type TemplateDifference } from '../../platform/import/compare-templates.js';
import type { StepFacts } from '../../platform/import/describe-steps.js';
import { importTemplate } from '../../platform/import/import-template.js';
import type { ImportedConfig } from '../../platform/import/imported.js';
import { showSetting } from '../../platform/import/imported-secrets.js';
import { readLegacyTemplate } from '../../platform/import/legacy-template.js';
import {
  describePath,
  type ImportedSource,
  isFolderIn,
  readImportSource,
} from '../../platform/import/read-import-source.js';
import { openSourceFolder, type SourceFolder } from '../../platform/import/source-folder.js';
import { renderImage } from '../../render/render-image.js';
import type { CliContext } from '../cli-context.js';

export interface PlatformImportOptions {
  readonly out: string;
  readonly format: 'text' | 'json';
}

/**
 * Makes a config of a platform definition or a Packer template, renders it, and lists where the rendered template differs
 * from the one that it came from. Never overwrites.
 */
export async function platformImport(path: string, options: PlatformImportOptions, cli: CliContext): Promise<ExitCode> {
  const source = await readImportSource(resolve(cli.currentDirectory, path));
  const imported = importTemplate({
    ...source,
    isFolder: (each) => isFolderIn(source.folder, each),
    listFiles: (each) => source.folder.list(each),
  });
  cli.output.hideSecrets(imported.secretValues);
  const folder = resolve(cli.currentDirectory, options.out);
  const config = writeImport(folder, source, imported);
  const images = await compare(config, source, imported);
  if (options.format === 'json') {
    cli.output.answer(JSON.stringify({ config, notes: imported.notes, images }, undefined, 2));
    return ExitCode.done;
  }
  cli.output.answer(config);
  for (const note of imported.notes) cli.output.answer(`note: ${note}`);
  for (const { name, problem, differences } of images) {
    if (problem !== undefined) cli.output.answer(`${name}: not compared: ${problem}`);
    else cli.output.answer([`${name}: ${describeCount(differences)}`, ...differences.map(formatDifference)].join('\n'));
  }
  return ExitCode.done;
}

function writeImport(folder: string, source: ImportedSource, { config, files }: ImportedConfig): string {
  const file = join(folder, 'buildimg.yaml');
  const targets = [file, ...[...files.keys()].map((path) => join(folder, path))];
  const isSame = folder === resolve(source.folder.path);
  const taken = isSame ? [file].find(existsSync) : targets.find(existsSync);
  if (taken !== undefined) throw createError('INIT_FILE_EXISTS', [taken]);
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    if ('text' in content) writeFileSync(target, content.text, { flag: 'wx', mode: 0o755 });
    else if (!isSame) copySource(source, content.copyOf, target);
  }
  const header = '# Made by buildimg platform import. What each key means: buildimg schema\n';
  writeFileSync(file, header + stringify(config, { lineWidth: 0 }), { flag: 'wx' });
  return file;
}

/** What a link leads to, and never the link: later readers of the config would follow it. */
function copySource({ folder }: ImportedSource, path: string, target: string): void {
  const entry = folder.find(path);
  if (entry?.kind === 'file') copyFileSync(entry.realPath, target, constants.COPYFILE_EXCL);
}

interface ComparedImage {
  readonly name: string;
  /** Why there is nothing to compare with: the config still needs a hand. */
  readonly problem?: string;
  readonly differences: readonly TemplateDifference[];
}

/** Rendered beside nothing that is kept, in an empty environment, by the samples that stand for variables without a default on both sides. */
async function compare(
  file: string,
  source: ImportedSource,
  { config: written }: ImportedConfig,
): Promise<readonly ComparedImage[]> {
  const samples = findSamples(source, written);
  const template = {
    ...source.template,
    variables: new Map([...source.template.variables, ...Object.entries(samples)]),
  };
  const outDir = mkdtempSync(join(tmpdir(), 'buildimg-import-'));
  try {
    const config = await loadConfig({ file, environment: {}, variables: samples, withoutSecrets: true });
    const facts = await gatherPlanFacts(config, new AbortController().signal);
    const templates = await loadTextTemplates(config.root);
    return config.images.map((image, index) => {
      const files = renderImage(planImage(image, facts), 'packer-json', templates);
      const folder = writeRendered({ outDir, name: image.name, files });
      const rendered = readLegacyTemplate(JSON.parse(readFileSync(join(folder, 'template.json'), 'utf8')));
      const differences = compareTemplates(
        { template, builder: index, ...lookInto(source.folder) },
        { template: rendered, builder: 0, ...lookInto(openSourceFolder(folder)) },
      );
      return { name: image.name, differences: differences.map(showDifference) };
    });
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    return [{ name: file, problem: formatProblems(error.problems, { color: false }), differences: [] }];
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

/** A value for each variable that the config must be given: of the right shape where it is the source image. */
function findSamples({ template }: ImportedSource, config: ImportedConfig['config']): Readonly<Record<string, string>> {
  const declared = config['variables'] ?? {};
  const text = JSON.stringify(config);
  const missing = [...template.variables].filter(
    ([name, value]) => value === undefined && Object.hasOwn(declared, name),
  );
  return Object.fromEntries(
    missing.map(([name]) => [name, text.includes(`{"ami":"\${var:${name}}"}`) ? 'ami-00000000' : `sample-${name}`]),
  );
}

/** Without the values of what looks like a secret. */
function showDifference({ before, after, ...difference }: TemplateDifference): TemplateDifference {
  const show = (value: string) => showSetting(difference.where, value);
  return {
    ...difference,
    ...(before !== undefined && { before: show(before) }),
    ...(after !== undefined && { after: show(after) }),
  };
}

function lookInto(folder: SourceFolder): StepFacts {
  return {
    describePath: (path) => describePath(folder, path),
    isFolder: (path) => isFolderIn(folder, path),
  };
}

function describeCount(differences: readonly TemplateDifference[]): string {
  const count = (kind: TemplateDifference['kind']) => differences.filter((each) => each.kind === kind).length;
  return `rendered again it loses ${count('lost')}, changes ${count('changed')} and adds ${count('added')} settings and steps`;
}

const SIGNS = { added: '+', lost: '-', changed: '~' } as const;

function formatDifference({ kind, where, before, after }: TemplateDifference): string {
  const values = [before, after].flatMap((value) => (value === undefined ? [] : [shorten(value)]));
  return `  ${SIGNS[kind]} ${where}: ${values.join(' → ')}`;
}

function shorten(text: string): string {
  const line = toPrintable(text);
  return line.length <= 100 ? line : `${line.slice(0, 99)}…`;
}
