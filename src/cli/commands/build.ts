import { createAwsAccess } from '../../aws/create-aws-access.js';
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
import { openTarget, type Target } from '../open-target.js';
import { createReporter } from '../reporters/create-reporter.js';
import type { Reporter } from '../reporters/reporter.js';
import { VERSION } from '../version.js';

export interface BuildOptions {
  readonly sandbox?: boolean;
  readonly force?: boolean;
  readonly allowFindings?: boolean;
  /** Take what Elastic Beanstalk recommends now instead of what buildimg.lock.json says. */
  readonly updateLock?: boolean;
  readonly json?: boolean;
  readonly events?: 'ndjson';
  readonly parallel: number;
  readonly logDir?: string;
  readonly packer?: string;
  /** Instead of what the config says. */
  readonly builder?: BuilderType;
  readonly var: Readonly<Record<string, string>>;
  /** Go on with this run instead of beginning one; its image is the only one named. */
  readonly resume?: RunReport;
}

/** Builds images; several one after the other, or side by side with --parallel. */
export async function build(names: readonly string[], options: BuildOptions, cli: CliContext): Promise<ExitCode> {
  const { config, images: configured } = await loadImages(cli, { names, variables: options.var });
  const images = configured.map((image) => withBuilder(image, options.builder));
  const packer = images.some(({ builder }) => builder.type === 'packer') ? await findBinary(options, cli) : undefined;
  const interruption = listenForInterruption((line) => reporter.say(line));
  const reporter = createReporter(cli, { ndjson: options.events === 'ndjson' });
  try {
    const facts = await gatherPlanFacts({ ...config, images }, interruption.signal);
    const templates = await loadTextTemplates(config.root);
    const target = await openTarget({ images, isSandbox: options.sandbox === true, signal: interruption.signal }, cli);
    const isUpdate = options.updateLock === true;
    const lock = await lockPlatforms(images, {
      root: config.root,
      target,
      isUpdate,
      say: (line) => reporter.say(line),
    });
    const scope = { config, options, packer, facts, templates, lock, target, interruption, reporter };
    const results = await mapLimit(images, options.parallel, (image) =>
      buildOne(image, { ...scope, isAlone: images.length === 1 }, cli),
    );
    reporter.close();
    return await answer(results, images, options, cli);
  } finally {
    reporter.close();
    interruption.stop();
  }
}

function withBuilder(image: ResolvedImage, type: BuilderType | undefined): ResolvedImage {
  return type === undefined ? image : { ...image, builder: { ...image.builder, type } };
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
  readonly target: Target;
  readonly interruption: Interruption;
  readonly reporter: Reporter;
  readonly isAlone: boolean;
}

async function buildOne(image: ResolvedImage, scope: BuildScope, cli: CliContext): Promise<BuildOutcome> {
  const { options, packer, facts, templates, lock, target, interruption } = scope;
  interruption.signal.throwIfAborted();
  const aws = createAwsAccess({ region: image.region, ...target.aws });
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
  results: readonly PromiseSettledResult<BuildOutcome>[],
  images: readonly ResolvedImage[],
  options: BuildOptions,
  cli: CliContext,
): Promise<ExitCode> {
  const built = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failures = results.flatMap((result, index) =>
    result.status === 'rejected' ? [{ image: images[index]?.name ?? '', error: result.reason as unknown }] : [],
  );
  if (options.json === true) {
    const failed = failures.map(({ image, error }) => ({ image, outcome: 'failed', error: describeFailure(error) }));
    cli.output.answer(JSON.stringify({ images: [...built, ...failed] }, undefined, 2));
  } else {
    for (const outcome of built) {
      cli.output.answer(formatOutcome(outcome, options, cli));
    }
  }
  for (const { error } of failures) {
    await cli.showError(error);
  }
  // The gravest first: something left behind outweighs a failure, which outweighs an interruption.
  const codes = failures.map(({ error }) => exitCodeOf(error));
  return GRAVITY.find((code) => codes.includes(code)) ?? codes[0] ?? ExitCode.done;
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
  if (outcome.outcome === 'unchanged') {
    return `${image}: nothing changed; ${paint.strong(amiId)} (${amiName}) in ${region} is there. --force builds again.`;
  }
  const lines = [
    `${image}: built in ${formatDuration(outcome.elapsedMs)}`,
    `  AMI       ${paint.strong(amiId)} in ${region}`,
    `  name      ${amiName}`,
    `  snapshot  ${snapshotIds.join(', ')}`,
    ...(scan === undefined ? [] : formatScanLines(scan)),
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
