import { readFile } from 'node:fs/promises';
import { type ConfigPath, pathKey } from '../config-path.js';
import type { ConfigSource } from '../config-source.js';
import { openConfigSource } from '../load-config.js';
import { placeProblems } from '../place-problems.js';
import { draftProblem, type Problem, type ProblemDraft, type ProblemPlace } from '../problem.js';
import type { ResolvedConfig, ResolvedImage } from '../resolved-config.js';
import { locateInValue, type PlaceInValue } from './locate-in-value.js';
import { findShellMistake, type ShellMistake } from './parse-shell.js';
import { findShellDialect } from './shell-dialect.js';

/** What a shell would refuse in the scripts of `config`, each at its line: of the script, or of the config for `inline`. */
export async function findScriptProblems(config: ResolvedConfig): Promise<readonly Problem[]> {
  const steps = config.images.flatMap(listShellSteps);
  const problems: Problem[] = [];
  for (const step of uniqueFiles(steps)) problems.push(...(await checkFile(step, config)));
  return [...problems, ...(await checkInline(steps, config))];
}

interface ShellStep {
  readonly image: ResolvedImage;
  /** Of the options of the provisioner, in the config. */
  readonly path: ConfigPath;
  /** Absolute. */
  readonly script?: string;
  readonly inline?: readonly string[];
}

function listShellSteps(image: ResolvedImage): readonly ShellStep[] {
  return image.provisioners.flatMap(({ name, options }, index) =>
    name === 'shell'
      ? [{ image, path: ['images', image.entry ?? image.name, 'provisioners', index, name], ...options }]
      : [],
  );
}

interface FileStep {
  readonly image: ResolvedImage;
  readonly script: string;
}

/** Images may share a script; it is checked once for each operating system that it runs on. */
function uniqueFiles(steps: readonly ShellStep[]): Iterable<FileStep> {
  const files = steps.flatMap(({ image, script }) => (script === undefined ? [] : [{ image, script }]));
  return new Map(files.map((file) => [JSON.stringify([file.script, file.image.source]), file])).values();
}

async function checkFile({ image, script }: FileStep, { secrets }: ResolvedConfig): Promise<readonly Problem[]> {
  const text = await readFile(script, 'utf8');
  const dialect = findShellDialect(text, image.source);
  const mistake = dialect && (await findShellMistake(text, dialect));
  if (mistake === undefined) return [];
  const span = { start: mistake.offset, end: mistake.offset + 1 };
  const source = { text, locate: () => span };
  return placeProblems([draftMistake(mistake, { span })], { file: script, source, secrets });
}

/** All lines of a step are one script. */
async function checkInline(steps: readonly ShellStep[], config: ResolvedConfig): Promise<readonly Problem[]> {
  const places = new Map<string, PlaceInLine>();
  const drafts: ProblemDraft[] = [];
  for (const { path, inline } of steps) {
    if (inline === undefined) continue;
    const mistake = await findShellMistake(inline.join('\n'), 'bash');
    if (mistake === undefined) continue;
    const place = findLine(inline, mistake.offset);
    const linePath = [...path, 'inline', place.index];
    places.set(pathKey(linePath), place);
    drafts.push(draftMistake(mistake, { path: linePath }));
  }
  if (drafts.length === 0) return [];
  const { file, secrets } = config;
  const source = await openConfigSource(file);
  const locate: ConfigSource['locate'] = (path, target) => {
    const span = source.locate(path, target);
    const place = places.get(pathKey(path));
    return place === undefined ? span : locateInValue(source.text, span, place);
  };
  return placeProblems(drafts, { file, source: { text: source.text, locate }, secrets });
}

interface PlaceInLine extends PlaceInValue {
  /** In the list; an item of which may have several lines. */
  readonly index: number;
}

function findLine(lines: readonly string[], offset: number): PlaceInLine {
  let start = 0;
  for (const [index, value] of lines.entries()) {
    if (offset <= start + value.length) return { index, value, offset: offset - start };
    start += value.length + 1;
  }
  const value = lines.at(-1) ?? '';
  return { index: lines.length - 1, value, offset: value.length };
}

function draftMistake({ what, isBashOnly }: ShellMistake, place: ProblemPlace): ProblemDraft {
  return draftProblem(isBashOnly ? 'CONFIG_SCRIPT_BASH' : 'CONFIG_SCRIPT_SYNTAX', place, [what]);
}
