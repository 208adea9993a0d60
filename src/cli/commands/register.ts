import { createAwsAccess } from '../../aws/create-aws-access.js';
import { createRegistrationAccess } from '../../aws/create-registration-access.js';
import { findRegion } from '../../aws/find-region.js';
import { createBuildContext } from '../../build/context.js';
import type { RunReport } from '../../build/read-runs.js';
import { assertAccount } from '../../build/reap-run.js';
import { findKilledRun } from '../../build/register/find-killed-run.js';
import { registerDisk } from '../../build/register/register-disk.js';
import type { RegisterOutcome } from '../../build/register/register-request.js';
import type { Registration } from '../../build/register/registration.js';
import { ExitCode } from '../../errors.js';
import { DEFAULT_SANDBOX_REGION } from '../../sandbox/sandbox-info.js';
import type { CliContext } from '../cli-context.js';
import { formatDuration } from '../format-duration.js';
import { type ListeningInterruption, listenForInterruption } from '../interruption.js';
import { loadWaivers } from '../load-waivers.js';
import { openTarget } from '../open-target.js';
import { type RegistrationOptions, readRegistration } from '../read-registration.js';
import { createReporter } from '../reporters/create-reporter.js';
import { VERSION } from '../version.js';

export interface RegisterOptions extends RegistrationOptions {
  readonly region?: string;
  readonly sandbox?: boolean;
  readonly json?: boolean;
  readonly events?: 'ndjson';
}

/** Makes an AMI of a disk image; goes on with a run that was killed while it did the same. */
export async function register(disk: string, options: RegisterOptions, cli: CliContext): Promise<ExitCode> {
  const registration = await readRegistration(disk, options, cli);
  const region =
    options.sandbox === true
      ? (options.region ?? DEFAULT_SANDBOX_REGION)
      : await findRegion(options.region, cli.environment);
  return await runRegistration(registration, { ...options, region }, cli);
}

/** Goes on with a registration that was killed, from its journal. */
export async function resumeRegistration(
  registration: Registration,
  options: Pick<RegisterOptions, 'json' | 'events'> & { readonly run: RunReport },
  cli: CliContext,
): Promise<ExitCode> {
  const { region, endpoint } = options.run;
  return await runRegistration(registration, { ...options, region, sandbox: endpoint !== undefined }, cli);
}

interface PlacedOptions extends Pick<RegisterOptions, 'sandbox' | 'json' | 'events'> {
  readonly region: string;
  /** Go on with this run, and no other. */
  readonly run?: RunReport;
}

async function runRegistration(registration: Registration, options: PlacedOptions, cli: CliContext): Promise<ExitCode> {
  const interruption = listenForInterruption((line) => reporter.say(line));
  const reporter = createReporter(cli, { ndjson: options.events === 'ndjson' });
  try {
    const outcome = await openAndRegister(registration, { ...options, interruption, reporter }, cli);
    reporter.close();
    const isJson = options.json === true;
    cli.output.answer(isJson ? JSON.stringify(outcome, undefined, 2) : formatOutcome(outcome, options, cli));
    return ExitCode.done;
  } finally {
    reporter.close();
    interruption.stop();
  }
}

interface Scope extends PlacedOptions {
  readonly interruption: ListeningInterruption;
  readonly reporter: ReturnType<typeof createReporter>;
}

async function openAndRegister(registration: Registration, scope: Scope, cli: CliContext): Promise<RegisterOutcome> {
  const { region, interruption, reporter } = scope;
  const context = createBuildContext(cli.environment, (event) => reporter.receive(event));
  const isSandbox = scope.sandbox === true;
  const target = await openTarget({ images: [], isSandbox, signal: interruption.signal }, cli);
  const { endpoint } = target.aws;
  const aws = createAwsAccess({ region, ...target.aws });
  const access = createRegistrationAccess({ region, ...target.aws }, context.clock);
  try {
    const account = await aws.findAccount();
    if (scope.run !== undefined) await assertAccount(scope.run, { aws });
    const resume = scope.run ?? (await findKilledRun(registration, { region, endpoint, account }, context));
    if (resume !== undefined) reporter.say(`Going on with ${resume.run}, which was killed`);
    const file = registration.scan?.waiversFile;
    const waivers = file === undefined ? [] : await loadWaivers(file);
    const tool = { name: 'buildimg', version: VERSION };
    return await registerDisk(
      { registration, aws, access, account, endpoint, waivers, tool, resume, interruption },
      context,
    );
  } finally {
    access.close();
    aws.close();
  }
}

function formatOutcome(outcome: RegisterOutcome, { sandbox }: PlacedOptions, { paint }: CliContext): string {
  const { amiId, amiName, snapshotIds, region, elapsedMs } = outcome;
  return [
    `${amiName}: registered in ${formatDuration(elapsedMs)}`,
    `  AMI       ${paint.strong(amiId)} in ${region}`,
    `  snapshot  ${snapshotIds.join(', ')}`,
    ...(sandbox === true ? [`  log in    buildimg sandbox launch ${amiId} --region ${region}`] : []),
  ].join('\n');
}
