import { createBuildContext } from '../../build/context.js';
import { gatherPlanFacts } from '../../build/gather-plan-facts.js';
import { type PlannedBuild, planBuild } from '../../build/plan-build.js';
import { findLocked, type PlatformLock, readPlatformLock } from '../../build/platform-lock.js';
import { findTraps, formatTrap, type Trap } from '../../build/publish/find-traps.js';
import { communicatorOf } from '../../config/communicator-of.js';
import type { ResolvedImage } from '../../config/resolved-config.js';
import { ExitCode } from '../../errors.js';
import { mapLimit } from '../../map-limit.js';
import type { PlanFacts } from '../../plan/image-plan.js';
import type { CliContext } from '../cli-context.js';
import { formatPublication } from '../format-publication.js';
import { loadImages } from '../load-images.js';
import { type Fleets, openFleets } from '../open-fleets.js';
import { openTarget } from '../open-target.js';
import { pickShard, type Shard } from '../shard.js';

export interface PlanOptions {
  readonly sandbox?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly matrix?: boolean;
  readonly shard?: Shard;
  readonly var: Readonly<Record<string, string>>;
}

const PARALLEL_PLANS = 10;

/** Looks up what a build would start from, and shows what it would make. Changes nothing. */
export async function plan(names: readonly string[], options: PlanOptions, cli: CliContext): Promise<ExitCode> {
  const { signal } = new AbortController();
  const { config, images: configured } = await loadImages(cli, { names, variables: options.var });
  const images = pickShard(configured, options.shard);
  const facts = await gatherPlanFacts({ ...config, images }, signal);
  const lock = options.sandbox === true ? new Map() : await readPlatformLock(config.root);
  const target = await openTarget({ images, isSandbox: options.sandbox === true, signal }, cli);
  const fleets = await openFleets(images, target, cli);
  const scope = { facts, fleets, lock, force: options.force === true, secrets: config.secrets, signal };
  const results = await mapLimit(images, PARALLEL_PLANS, (image) => planOne(image, scope, cli));
  fleets.close();
  const planned = results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
  if (options.matrix === true) {
    cli.output.answer(JSON.stringify({ include: planned.map(describeJob) }));
  } else if (options.json === true) {
    cli.output.answer(JSON.stringify({ images: planned.map(summarize) }, undefined, 2));
  } else {
    for (const each of planned) {
      cli.output.answer(formatPlan(each));
    }
  }
  return ExitCode.done;
}

interface Looked extends PlannedBuild {
  readonly profile: string | undefined;
  readonly traps: readonly Trap[];
}

interface PlanScope {
  readonly facts: PlanFacts;
  readonly fleets: Fleets;
  readonly lock: PlatformLock;
  readonly force: boolean;
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
}

async function planOne(
  image: ResolvedImage,
  { facts, fleets, lock, force, secrets, signal }: PlanScope,
  { environment }: CliContext,
): Promise<Looked> {
  const aws = fleets.open(image, signal);
  const context = createBuildContext(environment, () => undefined);
  const locked = findLocked(lock, image);
  const planned = await planBuild(image, { facts, catalog: aws.catalog, force, context, ...(locked && { locked }) });
  const { plan, existing } = planned;
  return { ...planned, profile: image.profile, traps: await findTraps({ plan, existing, aws, secrets, signal }) };
}

/** One entry of `strategy.matrix.include`. */
function describeJob({ plan: { image, architecture, region, amiName }, existing, profile }: Looked) {
  return {
    image,
    architecture,
    region,
    ...(profile === undefined ? {} : { profile }),
    amiName,
    changed: existing === undefined,
  };
}

function summarize({ plan: planned, existing, traps }: Looked) {
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
    publication: planned.publication,
    traps,
  };
}

/** By who reaches the instance. */
const MEANWHILE = {
  packer: 'one instance, one key pair, one security group',
  ssh: 'one instance, one security group',
  ssm: 'one instance',
} as const;

function formatPlan({ plan: planned, existing, traps }: Looked): string {
  const { builder } = planned;
  const communicator = builder.type === 'packer' ? 'packer' : communicatorOf(builder);
  const source = planned.source.kind === 'ami' ? planned.source.id : planned.source.kind;
  const lines = [
    existing === undefined ? `${planned.image}: will be built` : `${planned.image}: unchanged, ${existing.id} is there`,
    `  image     ${planned.amiName} in ${planned.region}`,
    `  from      ${source} on ${planned.builder.instanceType} (${planned.architecture})`,
    `  steps     ${planned.steps.map(({ title }) => title).join(', ')}`,
    ...(existing === undefined ? [`  meanwhile ${MEANWHILE[communicator]}; removed when the image is done`] : []),
    ...formatPublication(planned),
    ...(traps.length === 0 ? [] : ['  A build refuses this:', ...traps.map((trap) => `  ${formatTrap(trap)}`)]),
  ];
  return lines.join('\n');
}
