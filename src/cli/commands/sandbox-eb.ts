import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { PlatformAccess } from '../../aws/create-platform-access.js';
import type { Environment, EnvironmentChange, StartedOperation } from '../../aws/platform-ports.js';
import { systemClock } from '../../build/context.js';
import { formatEvent } from '../../build/create-platform-version.js';
import { followOperation } from '../../build/follow-operation.js';
import { createError, ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { withPlatformAccess } from '../platform-session.js';

export interface EnvironmentOptions {
  readonly environment: string;
  readonly region: string;
  readonly json?: boolean;
}

export interface DeployOptions extends EnvironmentOptions {
  readonly platform: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Session {
  readonly access: PlatformAccess;
  readonly signal: AbortSignal;
  readonly options: EnvironmentOptions;
  readonly cli: CliContext;
}

const APPLICATION = 'buildimg-rehearsal';
// Emulated machines boot in half a minute on an idle host, and in ten on a busy one.
const CHANGE_LIMIT_MS = 60 * 60_000;

/** `sandbox eb deploy`: the bundle answers over HTTP when this exits 0; 4 when a hook failed. */
export async function deploy(bundle: string, options: DeployOptions, cli: CliContext): Promise<ExitCode> {
  const content = await readBundle(bundle, cli);
  return withSandbox(options, cli, async (session) => {
    const { access } = session;
    const platformArn = await findReadyPlatform(options.platform, access);
    const versionLabel = await uploadBundle(content, access);
    const change = {
      application: APPLICATION,
      environment: options.environment,
      versionLabel,
      properties: options.env,
    };
    const existing = await access.environments.findEnvironment(options.environment);
    if (existing !== undefined && existing.platformArn !== platformArn) {
      throw createError('ENVIRONMENT_PLATFORM_DIFFERS', [existing.name, existing.platformArn]);
    }
    return follow(session, () =>
      existing === undefined
        ? access.environments.createEnvironment({ ...change, platformArn })
        : access.environments.updateEnvironment(change),
    );
  });
}

/** `sandbox eb setenv` */
export async function setProperties(
  pairs: readonly string[],
  options: EnvironmentOptions,
  cli: CliContext,
): Promise<ExitCode> {
  const properties = Object.fromEntries(pairs.map(readPair));
  return withSandbox(options, cli, async (session) => {
    await getEnvironment(session);
    const change: EnvironmentChange = { application: APPLICATION, environment: options.environment, properties };
    return follow(session, () => session.access.environments.updateEnvironment(change));
  });
}

/** `sandbox eb status` */
export async function status(options: EnvironmentOptions, cli: CliContext): Promise<ExitCode> {
  return withSandbox(options, cli, async (session) => {
    showEnvironment(await getEnvironment(session), session);
    return ExitCode.done;
  });
}

/** `sandbox eb terminate` */
export async function terminate(options: EnvironmentOptions, cli: CliContext): Promise<ExitCode> {
  return withSandbox(options, cli, async (session) => {
    await getEnvironment(session);
    await followChange(session, () => session.access.environments.terminateEnvironment(options.environment));
    cli.output.answer(`Environment ${options.environment} is terminated.`);
    return ExitCode.done;
  });
}

function withSandbox(
  options: EnvironmentOptions,
  cli: CliContext,
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withPlatformAccess({ region: options.region, sandbox: true }, cli, (access, signal) =>
    work({ access, signal, options, cli }),
  );
}

async function readBundle(file: string, cli: CliContext): Promise<Buffer> {
  const content = await readFile(resolve(cli.currentDirectory, file)).catch((error: Error) => {
    throw createError('SOURCE_BUNDLE_UNREADABLE', [file, error.message], { cause: error });
  });
  // The signature of a zip file's first entry.
  if (content.subarray(0, 4).toString('latin1') === 'PK\u0003\u0004') return content;
  throw createError('SOURCE_BUNDLE_UNREADABLE', [file, 'it is not a zip file']);
}

async function findReadyPlatform(given: string, { platforms }: PlatformAccess): Promise<string> {
  const [, name = '', version] = /^(?:arn:[^/]*:platform\/)?([^:/]+)(?:\/(\d+\.\d+\.\d+))?$/.exec(given) ?? [];
  const known = await platforms.listPlatforms(name === '' ? undefined : name);
  const found = known.find((each) => (version === undefined ? each.status === 'Ready' : each.version === version));
  if (name === '' || found === undefined) throw createError('PLATFORM_VERSION_UNKNOWN', [given]);
  return found.arn;
}

/** A label by content and time: the same bundle may be deployed twice, as with `eb deploy`. */
async function uploadBundle(content: Buffer, { platforms, objects, environments }: PlatformAccess): Promise<string> {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 8);
  const label = `app-${digest}-${systemClock.now().toString(36)}`;
  const bucket = await platforms.getStorageBucket();
  const key = `${APPLICATION}/${label}.zip`;
  await objects.putObject(bucket, key, content);
  await environments.createVersion({ application: APPLICATION, label, bucket, key });
  return label;
}

async function follow(session: Session, start: () => Promise<StartedOperation>): Promise<ExitCode> {
  await followChange(session, start);
  showEnvironment(await getEnvironment(session), session);
  return ExitCode.done;
}

async function followChange(session: Session, start: () => Promise<StartedOperation>): Promise<void> {
  const { access, options, signal, cli } = session;
  const { requestId } = await start();
  const errors: string[] = [];
  const isDone = await followOperation({
    platforms: access.platforms,
    requestId,
    what: `environment ${options.environment}`,
    limitMs: CHANGE_LIMIT_MS,
    clock: systemClock,
    signal,
    judge: judgeChange,
    onEvent(event) {
      if (event.severity === 'ERROR') errors.push(event.message);
      cli.output.progress(formatEvent(event));
    },
  });
  if (!isDone) throw createError('ENVIRONMENT_FAILED', [options.environment, errors.join('\n')]);
}

// The EB CLI's own list (ebcli/resources/strings.py, responses), as far as the sandbox says any of it.
const ENDINGS: readonly (readonly [string, 'done' | 'failed'])[] = [
  ['Successfully launched environment:', 'done'],
  ['Environment update completed successfully.', 'done'],
  ['terminateEnvironment completed successfully.', 'done'],
  ['Create environment operation is complete, but with errors', 'failed'],
  ['Failed to deploy application.', 'failed'],
  ['Failed to deploy configuration.', 'failed'],
];

function judgeChange({ message }: { readonly message: string }): 'done' | 'failed' | undefined {
  return ENDINGS.find(([prefix]) => message.startsWith(prefix))?.[1];
}

async function getEnvironment({ access, options }: Session): Promise<Environment> {
  const found = await access.environments.findEnvironment(options.environment);
  if (found === undefined) throw createError('ENVIRONMENT_UNKNOWN', [options.environment]);
  return found;
}

function showEnvironment(environment: Environment, { options, cli }: Session): void {
  if (options.json === true) {
    cli.output.answer(JSON.stringify(environment, undefined, 2));
    return;
  }
  const { name, status, health, platformArn, versionLabel = 'none', url = 'none' } = environment;
  cli.output.answer(`${name}: ${status}, ${health}`);
  cli.output.answer(`  Platform: ${platformArn}`);
  cli.output.answer(`  Deployed version: ${versionLabel}`);
  cli.output.answer(`  URL: ${url}`);
}

function readPair(text: string): readonly [string, string] {
  const [name = '', ...value] = text.split('=');
  if (name === '' || value.length === 0) throw createError('USAGE', [`"${text}" is not NAME=VALUE`]);
  return [name, value.join('=')];
}
