import { IMAGE_TAG } from '../../aws/catalogue-ports.js';
import { collectGarbage, type GarbagePlan, listRemovals, planGarbage } from '../../build/catalogue/collect-garbage.js';
import type { Decision } from '../../build/catalogue/decide-images.js';
import type { KeepRules } from '../../build/catalogue/image-facts.js';
import { createLeftBehindError } from '../../build/report-left.js';
import type { LeftResource } from '../../build/sweep-run.js';
import { createError, ExitCode } from '../../errors.js';
import { compileGlob, findGlobProblem, PATH_GLOB } from '../../lib/globs/compile-glob.js';
import { countOf } from '../../report/summarize.js';
import { ask } from '../ask.js';
import type { CliContext } from '../cli-context.js';
import { exitCodeOf } from '../exit-code-of.js';
import { formatTable } from '../format-table.js';
import { type OpenRegions, type RegionOptions, withRegions } from '../open-regions.js';
import { createPaint } from '../paint.js';
import { parseTimeSpan } from '../parse-time-span.js';

export interface GcOptions extends RegionOptions {
  readonly keep: number;
  readonly olderThan: string;
  readonly unusedFor: string;
  readonly shared?: boolean;
  readonly ignoreParameter?: readonly string[];
  readonly account?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Shows what becomes of each image, and removes those that nothing keeps once somebody has said yes. */
export async function gc(names: readonly string[], options: GcOptions, cli: CliContext): Promise<ExitCode> {
  const rules: KeepRules = {
    keep: options.keep,
    olderThanMs: parseTimeSpan(options.olderThan),
    unusedForMs: parseTimeSpan(options.unusedFor),
    takesShared: options.shared === true,
    isIgnored: compileIgnored(options.ignoreParameter),
    only: names,
  };
  return await withRegions(options, cli, async (regions) => {
    const plans = await regions.forEach((scope) => planGarbage(rules, scope));
    for (const { account } of plans) {
      if (options.account !== undefined && account !== options.account) {
        throw createError('CATALOGUE_OTHER_ACCOUNT', [options.account, account]);
      }
    }
    assertNamesKnown(names, plans);
    if (names.length === 0) cli.output.progress(describeScope(plans, options));
    if (options.json !== true) for (const plan of plans) showPlan(plan, cli);
    const mayRemove = countRemovals(plans) > 0 && (await isConfirmed(plans, options, { cli, signal: regions.signal }));
    const left = mayRemove ? await collect(plans, rules, regions) : [];
    if (options.json === true) answerJson(plans, { isDone: mayRemove, left: left.flat() }, cli);
    return await report(plans, left, { cli, endpoint: regions.endpoint });
  });
}

/** A word that no image bears may be meant for something else, a second region for example; then the rest may be as well. */
function assertNamesKnown(names: readonly string[], plans: readonly GarbagePlan[]): void {
  const borne = new Set(plans.flatMap(({ decisions }) => decisions.map(({ image }) => image.tags[IMAGE_TAG])));
  const unknown = names.find((name) => !borne.has(name));
  if (unknown === undefined) return;
  throw createError('CATALOGUE_NAME_UNKNOWN', [unknown, plans.map(({ region }) => region).join(', ')]);
}

function describeScope(plans: readonly GarbagePlan[], { yes, dryRun }: GcOptions): string {
  const where = plans.map(({ region, account }) => `${region} (account ${account})`).join(', ');
  const what = `No image is named, so all images of builds in ${where} are meant`;
  return yes === true && dryRun !== true ? `${what}, and --yes removes those that nothing keeps.` : `${what}.`;
}

function compileIgnored(patterns: readonly string[] = []): KeepRules['isIgnored'] {
  for (const pattern of patterns) {
    const problem = findGlobProblem(pattern, PATH_GLOB);
    if (problem !== undefined) throw createError('PATTERN_INVALID', [pattern, problem]);
  }
  const tests = patterns.map((pattern) => compileGlob(pattern, PATH_GLOB));
  return (parameter) => tests.some((test) => test(parameter));
}

function collect(plans: readonly GarbagePlan[], rules: KeepRules, regions: OpenRegions) {
  return regions.forEach(async (scope) => {
    const plan = plans.find(({ region }) => region === scope.aws.region);
    return plan === undefined ? [] : await collectGarbage(plan, rules, scope);
  });
}

interface Asking {
  readonly cli: CliContext;
  readonly signal: AbortSignal;
}

async function isConfirmed(plans: readonly GarbagePlan[], options: GcOptions, { cli, signal }: Asking) {
  if (options.dryRun === true) return false;
  if (options.yes === true) return true;
  const what = describeRemoval(plans);
  if (!cli.output.isTerminal || options.json === true) {
    cli.output.progress(`Nothing was removed. To remove ${what}: --yes`);
    return false;
  }
  const accounts = [...new Set(plans.map(({ account }) => account))].join(', ');
  return (await ask(`Remove ${what} of account ${accounts}? [y/N] `, { cli, signal })).trim().toLowerCase() === 'y';
}

function showPlan({ region, account, decisions, snapshots }: GarbagePlan, cli: CliContext): void {
  const { output } = cli;
  if (decisions.length + snapshots.length === 0) {
    output.progress(`No image of a build is in ${region}, account ${account}.`);
    return;
  }
  output.progress(`${region}, account ${account}:`);
  const paint = createPaint(output.answers.hasColor);
  const rows = [
    ...decisions.map(formatDecision),
    ...snapshots.map(({ id, imageId }) => ['remove', '', '', id, `was of ${imageId}, which is gone`]),
  ];
  const [head = '', ...lines] = formatTable(['', 'IMAGE', 'VERSION', 'AMI', 'WHY'], rows);
  output.answer(head);
  for (const line of lines) output.answer(line.startsWith('remove') ? paint.warn(line) : line);
}

function formatDecision({ image: { id, tags }, verdict, reasons }: Decision): readonly string[] {
  const why = reasons.map(({ text }) => text).join('; ');
  return [verdict, tags['buildimg:image'] ?? '', tags['buildimg:version'] ?? '', id, why];
}

interface Outcome {
  readonly isDone: boolean;
  readonly left: readonly LeftResource[];
}

function answerJson(plans: readonly GarbagePlan[], { isDone, left }: Outcome, { output }: CliContext): void {
  const regions = plans.map(({ region, account, decisions, snapshots }) => ({
    region,
    account,
    images: decisions.map(({ image: { id, name, tags, architecture, createdAt }, verdict, reasons }) => {
      const { 'buildimg:image': image, 'buildimg:version': version } = tags;
      return { id, name, image, version, architecture, createdAt, verdict, reasons };
    }),
    snapshots,
  }));
  output.answer(JSON.stringify({ removed: isDone, left, regions }, undefined, 2));
}

interface Ending {
  readonly cli: CliContext;
  readonly endpoint: string | undefined;
}

/** Exits 6 with the commands for what would not go away. */
async function report(
  plans: readonly GarbagePlan[],
  left: readonly (readonly LeftResource[])[],
  { cli, endpoint }: Ending,
): Promise<ExitCode> {
  let code: ExitCode = ExitCode.done;
  for (const [index, resources] of left.entries()) {
    if (resources.length === 0) continue;
    const region = plans[index]?.region ?? '';
    const error = createLeftBehindError(resources, { region, ...(endpoint === undefined ? {} : { endpoint }) });
    await cli.showError(error);
    code = exitCodeOf(error);
  }
  return code;
}

function countRemovals(plans: readonly GarbagePlan[]): number {
  return plans.reduce((sum, plan) => sum + listRemovals(plan).length + plan.snapshots.length, 0);
}

/** `3 images with their snapshots and 1 snapshot that was left` */
function describeRemoval(plans: readonly GarbagePlan[]): string {
  const images = plans.reduce((sum, plan) => sum + listRemovals(plan).length, 0);
  const snapshots = plans.reduce((sum, plan) => sum + plan.snapshots.length, 0);
  return [
    ...(images === 0 ? [] : [`${countOf(images, 'image')} with all snapshots`]),
    ...(snapshots === 0 ? [] : [`${countOf(snapshots, 'snapshot')} that an earlier removal left`]),
  ].join(' and ');
}
