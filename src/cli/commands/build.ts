import { buildImage } from '../../build/build-image.js';
import type { BuildOutcome } from '../../build/build-request.js';
import { type BuildContext, createBuildContext } from '../../build/context.js';
import { gatherPlanFacts } from '../../build/gather-plan-facts.js';
import type { Interruption } from '../../build/interruption.js';
import { loadTextTemplates } from '../../build/load-templates.js';
import { findLocked, type PlatformLock } from '../../build/platform-lock.js';
import type { RunReport } from '../../build/read-runs.js';
import { assertAccount } from '../../build/reap-run.js';
import type { BuilderType, ResolvedConfig, ResolvedImage } from '../../config/resolved-config.js';
import { ExitCode } from '../../errors.js';
import { mapLimit } from '../../map-limit.js';
import { findPacker, type PackerBinary } from '../../packer/find-packer.js';
import type { PlanFacts } from '../../plan/image-plan.js';
import type { TextTemplates } from '../../render/text-template.js';
import { formatCounts } from '../../report/summarize.js';
import type { CliContext } from '../cli-context.js';
import { exitCodeOf } from '../exit-code-of.js';
import { formatDuration } from '../format-duration.js';
import { listenForInterruption } from '../interruption.js';
import { loadImages } from '../load-images.js';
import { lockPlatforms } from '../lock-platforms.js';
import { type Fleets, openFleets } from '../open-fleets.js';
import { openTarget } from '../open-target.js';
import { createReporter } from '../reporters/create-reporter.js';
import type { Reporter } from '../reporters/reporter.js';
import { pickShard, type Shard } from '../shard.js';
import { stopAtFailure } from '../stop-at-failure.js';
import { type BuildResult, summarizeBuilds } from '../summarize-builds.js';
import { VERSION } from '../version.js';

export interface BuildOptions {
  readonly sandbox?: boolean;
  readonly force?: boolean;
  readonly allowFindings?: boolean;
  /** Beside what the config says. */
  readonly allowGaps?: boolean;
  /** Take what Elastic Beanstalk recommends now instead of what buildimg.lock.json says. */
  readonly updateLock?: boolean;
  readonly json?: boolean;
  readonly events?: 'ndjson';
  /** Images side by side; undefined for what suits the target. */
  readonly parallel?: number;
  readonly logDir?: string;
  readonly packer?: string;
  readonly shard?: Shard;
  /** The first image that fails stops the others. */
  readonly failFast?: boolean;
  /** Instead of what the config says. */
  readonly builder?: BuilderType;
  readonly var: Readonly<Record<string, string>>;
  /** Go on with this run instead of beginning one; its image is the only one named. */
  readonly resume?: RunReport;
}

/** Terraform's number on AWS; in the sandbox each build is a virtual machine on this computer. */
const DEFAULT_PARALLEL = { aws: 10, sandbox: 1 } as const;

/** Builds images, several side by side. One that fails does not stop the others. */
export async function build(names: readonly string[], options: BuildOptions, cli: CliContext): Promise<ExitCode> {
  const { config, images: configured } = await loadImages(cli, { names, variables: options.var });
  const images = pickShard(configured, options.shard).map((image) => withOptions(image, options));
  const packer = images.some(({ builder }) => builder.type === 'packer') ? await findBinary(options, cli) : undefined;
  const interruption = listenForInterruption((line) => reporter.say(line));
  const stopping = stopAtFailure(interruption);
  const reporter = createReporter(cli, { ndjson: options.events === 'ndjson', images: images.length });
  const startedAt = cli.now();
  let fleets: Fleets | undefined;
  try {
    const facts = await gatherPlanFacts({ ...config, images }, interruption.signal);
    const templates = await loadTextTemplates(config.root);
    const target = await openTarget({ images, isSandbox: options.sandbox === true, signal: interruption.signal }, cli);
    fleets = await openFleets(images, target, cli);
    const lock = await lockPlatforms(images, {
      root: config.root,
      fleets,
      isSandbox: options.sandbox === true,
      isUpdate: options.updateLock === true,
      signal: interruption.signal,
      say: (line) => reporter.say(line),
    });
    const scope = { config, options, packer, facts, templates, lock, fleets, interruption: stopping, reporter };
    const parallel = options.parallel ?? DEFAULT_PARALLEL[options.sandbox === true ? 'sandbox' : 'aws'];
    const settled = await mapLimit(images, parallel, async (image) => {
      try {
        return await buildOne(image, { ...scope, isAlone: images.length === 1 }, cli);
      } catch (error) {
        if (options.failFast === true) stopping.fail(image.name);
        throw error;
      }
    });
    reporter.close();
    const results = settled.map((result, index): BuildResult => {
      const image = images[index]?.name ?? '';
      return result.status === 'fulfilled' ? { image, outcome: result.value } : { image, error: result.reason };
    });
    return await answer(results, { options, elapsedMs: cli.now() - startedAt }, cli);
  } finally {
    fleets?.close();
    reporter.close();
    interruption.stop();
  }
}

function withOptions(image: ResolvedImage, { builder: type, allowGaps }: BuildOptions): ResolvedImage {
  return {
    ...image,
    ...(type === undefined ? {} : { builder: { ...image.builder, type } }),
    ...(allowGaps === undefined ? {} : { scan: { ...image.scan, allowGaps } }),
  };
}

async function findBinary({ packer }: BuildOptions, { environment }: CliContext): Promise<PackerBinary> {
  return await findPacker({ environment, ...(packer === undefined ? {} : { packerPath: packer }) });
}

interface BuildScope {
  readonly config: ResolvedConfig;
  readonly options: BuildOptions;
  readonly packer: PackerBinary | undefined;
  readonly facts: PlanFacts;
  readonly templates: TextTemplates;
  readonly lock: PlatformLock;
  readonly fleets: Fleets;
  readonly interruption: Interruption;
  readonly reporter: Reporter;
  readonly isAlone: boolean;
}

async function buildOne(image: ResolvedImage, scope: BuildScope, cli: CliContext): Promise<BuildOutcome> {
  const { options, packer, facts, templates, lock, fleets, interruption } = scope;
  const { signal } = interruption;
  signal.throwIfAborted();
  const target = fleets.targetOf(image);
  const aws = fleets.open(image, signal);
  const { endpoint } = target.aws;
  const { resume } = options;
  const locked = findLocked(lock, image);
  try {
    if (resume !== undefined) await assertAccount(resume, { aws });
    return await buildImage(
      {
        image,
        facts,
        templates,
        packer,
        aws,
        interruption,
        childEnvironment: target.childEnvironment,
        force: options.force === true,
        allowFindings: options.allowFindings === true,
        tool: { name: 'buildimg', version: VERSION },
        secrets: scope.config.secrets,
        configFile: scope.config.file,
        account: await aws.findAccount(),
        ...(resume === undefined ? {} : { resume }),
        ...(locked === undefined ? {} : { locked }),
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(target.sshSourceCidr === undefined ? {} : { sshSourceCidr: target.sshSourceCidr }),
        ...(target.instanceProfile === undefined ? {} : { instanceProfile: target.instanceProfile }),
        ...(target.sshPort === undefined ? {} : { sshPort: target.sshPort }),
        ...(options.logDir === undefined ? {} : { logFolder: options.logDir }),
      },
      contextOf(image, scope, cli),
    );
  } finally {
    aws.close();
  }
}

// Several images share one list of steps, so each step says whose it is.
function contextOf(image: ResolvedImage, { reporter, isAlone }: BuildScope, cli: CliContext): BuildContext {
  return createBuildContext(cli.environment, (event) => {
    reporter.receive(isAlone || !('step' in event) ? event : { ...event, step: `${image.name}: ${event.step}` });
  });
}

async function answer(
  results: readonly BuildResult[],
  { options, elapsedMs }: { readonly options: BuildOptions; readonly elapsedMs: number },
  cli: CliContext,
): Promise<ExitCode> {
  const built = results.flatMap(({ outcome }) => outcome ?? []);
  const failures = results.filter(({ outcome }) => outcome === undefined);
  if (options.json === true) {
    const failed = failures.map(({ image, error }) => ({ image, outcome: 'failed', error: describeFailure(error) }));
    cli.output.answer(JSON.stringify({ images: [...built, ...failed] }, undefined, 2));
  }
  for (const { error } of failures) {
    await cli.showError(error);
  }
  if (options.json !== true) {
    for (const line of formatAnswer(results, { options, elapsedMs }, cli)) cli.output.answer(line);
  }
  // The gravest first: something left behind outweighs a failure, which outweighs an interruption.
  const codes = failures.map(({ error }) => exitCodeOf(error));
  return GRAVITY.find((code) => codes.includes(code)) ?? codes[0] ?? ExitCode.done;
}

/** One image is told about at length; of several each has a line, after what went wrong. */
function formatAnswer(
  results: readonly BuildResult[],
  { options, elapsedMs }: { readonly options: BuildOptions; readonly elapsedMs: number },
  cli: CliContext,
): readonly string[] {
  const [first] = results;
  if (first === undefined) return ['No image is in this part of the config; nothing to build.'];
  if (results.length > 1) return summarizeBuilds(results, elapsedMs, cli.paint);
  return first.outcome === undefined ? [] : [formatOutcome(first.outcome, options, cli)];
}

const GRAVITY: readonly ExitCode[] = [
  ExitCode.bug,
  ExitCode.leftBehind,
  ExitCode.interrupted,
  ExitCode.buildFailed,
  ExitCode.findings,
];

function describeFailure(error: unknown): object {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  return { code: code ?? 'BUG', message: message ?? String(error), exit: exitCodeOf(error) };
}

function formatOutcome(outcome: BuildOutcome, options: BuildOptions, { paint }: CliContext): string {
  const { image, amiId, amiName, region, snapshotIds, logFile, scan } = outcome;
  const published = outcome.changes.map((change) => `  published ${change}`);
  if (outcome.outcome === 'unchanged') {
    const line = `${image}: nothing changed; ${paint.strong(amiId)} (${amiName}) in ${region} is there. --force builds again.`;
    return [line, ...published].join('\n');
  }
  const lines = [
    `${image}: built in ${formatDuration(outcome.elapsedMs)}`,
    `  AMI       ${paint.strong(amiId)} in ${region}`,
    `  name      ${amiName}`,
    `  snapshot  ${snapshotIds.join(', ')}`,
    ...(scan === undefined ? [] : formatScanLines(scan)),
    ...published,
    ...(logFile === undefined ? [] : [`  log       ${logFile}`]),
    ...(options.sandbox === true ? [`  log in    buildimg sandbox launch ${amiId}`] : []),
  ];
  return lines.join('\n');
}

function formatScanLines({ policy, counts, report, sbom }: NonNullable<BuildOutcome['scan']>): readonly string[] {
  return [
    `  scan      policy ${policy}: ${formatCounts(counts)}`,
    `  report    ${report}`,
    `  sbom      ${sbom.cyclonedx}, ${sbom.spdx}`,
  ];
}
