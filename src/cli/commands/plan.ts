import { createAwsAccess } from '../../aws/create-aws-access.js';
import { createBuildContext } from '../../build/context.js';
import { gatherPlanFacts } from '../../build/gather-plan-facts.js';
import { type PlannedBuild, planBuild } from '../../build/plan-build.js';
import { findLocked, type PlatformLock, readPlatformLock } from '../../build/platform-lock.js';
import type { ResolvedImage } from '../../config/resolved-config.js';
import { ExitCode } from '../../errors.js';
import type { PlanFacts } from '../../plan/image-plan.js';
import type { CliContext } from '../cli-context.js';
import { loadImages } from '../load-images.js';
import { openTarget, type Target } from '../open-target.js';

export interface PlanOptions {
  readonly sandbox?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly var: Readonly<Record<string, string>>;
}

/** Looks up what a build would start from, and shows what it would make. Changes nothing. */
export async function plan(names: readonly string[], options: PlanOptions, cli: CliContext): Promise<ExitCode> {
  const { signal } = new AbortController();
  const { config, images } = await loadImages(cli, { names, variables: options.var });
  const facts = await gatherPlanFacts({ ...config, images }, signal);
  const lock = options.sandbox === true ? new Map() : await readPlatformLock(config.root);
  const target = await openTarget({ images, isSandbox: options.sandbox === true, signal }, cli);
  const planned: PlannedBuild[] = [];
  for (const image of images) {
    planned.push(await planOne(image, { facts, lock, target, force: options.force === true }, cli));
  }
  if (options.json === true) {
    cli.output.answer(JSON.stringify({ images: planned.map(summarize) }, undefined, 2));
  } else {
    for (const each of planned) {
      cli.output.answer(formatPlan(each));
    }
  }
  return ExitCode.done;
}

interface PlanScope {
  readonly facts: PlanFacts;
  readonly lock: PlatformLock;
  readonly target: Target;
  readonly force: boolean;
}

async function planOne(
  image: ResolvedImage,
  { facts, lock, target, force }: PlanScope,
  { environment }: CliContext,
): Promise<PlannedBuild> {
  const aws = createAwsAccess({ region: image.region, ...target.aws });
  const context = createBuildContext(environment, () => undefined);
  const locked = findLocked(lock, image);
  try {
    return await planBuild(image, { facts, catalog: aws.catalog, force, context, ...(locked && { locked }) });
  } finally {
    aws.close();
  }
}

function summarize({ plan: planned, existing }: PlannedBuild) {
  return {
    image: planned.image,
    outcome: existing === undefined ? 'build' : 'unchanged',
    amiName: planned.amiName,
    amiId: existing?.id,
    region: planned.region,
    architecture: planned.architecture,
    source: planned.source,
    instanceType: planned.builder.instanceType,
    loginUser: planned.loginUser,
    steps: planned.steps.map(({ title }) => title),
    tags: planned.tags,
  };
}

function formatPlan({ plan: planned, existing }: PlannedBuild): string {
  const source = planned.source.kind === 'ami' ? planned.source.id : planned.source.kind;
  const lines = [
    existing === undefined ? `${planned.image}: will be built` : `${planned.image}: unchanged, ${existing.id} is there`,
    `  image     ${planned.amiName} in ${planned.region}`,
    `  from      ${source} on ${planned.builder.instanceType} (${planned.architecture})`,
    `  steps     ${planned.steps.map(({ title }) => title).join(', ')}`,
    ...(existing === undefined
      ? ['  meanwhile one instance, one key pair, one security group; removed when the image is done']
      : []),
  ];
  return lines.join('\n');
}
