import { createPlatformAccess, type PlatformAccess } from '../aws/create-platform-access.js';
import { findRegion } from '../aws/find-region.js';
import type { PlatformSummary } from '../aws/platform-ports.js';
import { createError } from '../errors.js';
import { abortOnSignal } from './abort-on-signal.js';
import { chooseRegion } from './choose-region.js';
import type { CliContext } from './cli-context.js';
import { openWorkspace, type PlatformWorkspace } from './platform-workspace.js';

/** Options of every platform command. */
export interface PlatformOptions {
  readonly region?: string;
  readonly sandbox?: boolean;
  readonly json?: boolean;
}

export interface PlatformSession {
  readonly workspace: PlatformWorkspace;
  readonly access: PlatformAccess;
  readonly signal: AbortSignal;
  /** Where the EB CLI, or the person, would expect another region. */
  readonly regionWarning?: string;
}

/** Opens the workspace and its region's services, does the work, and closes them. */
export async function withPlatform<T>(
  options: PlatformOptions,
  cli: CliContext,
  work: (session: PlatformSession) => Promise<T>,
): Promise<T> {
  const workspace = await openWorkspace(cli.currentDirectory);
  const { environment } = cli;
  const { region, warning } = chooseRegion({ asked: options.region, workspace: workspace.region, environment });
  return withPlatformAccess({ ...options, ...(region && { region }) }, cli, (access, signal) =>
    work({ workspace, access, signal, ...(warning && { regionWarning: warning }) }),
  );
}

/** As withPlatform, where there is no workspace. */
export async function withPlatformAccess<T>(
  options: PlatformOptions,
  cli: CliContext,
  work: (access: PlatformAccess, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const region = await getRegion(options.region, cli.environment);
  const interruption = abortOnSignal();
  const access = await openAccess(region, options, cli);
  try {
    return await work(access, interruption.signal);
  } finally {
    access.close();
    interruption.stop();
  }
}

/** The region that was asked for, or the environment's, or the profile's. Throws PLATFORM_REGION_MISSING. */
export async function getRegion(asked: string | undefined, environment: CliContext['environment']): Promise<string> {
  try {
    return await findRegion(asked, environment);
  } catch (error) {
    throw createError('PLATFORM_REGION_MISSING', [], { cause: error });
  }
}

async function openAccess(region: string, { sandbox }: PlatformOptions, cli: CliContext): Promise<PlatformAccess> {
  if (sandbox !== true) return createPlatformAccess({ region, environment: cli.environment });
  const { openSandbox } = await import('./sandbox-session.js');
  const { endpoint, environment } = await openSandbox(cli, new AbortController().signal);
  return createPlatformAccess({ region, endpoint, environment });
}

/**
 * The platform version that a person means: `1.0.4`, `NAME/1.0.4` or an ARN; without any, the workspace's, and if that has
 * none the newest.
 *
 * @throws PLATFORM_VERSION_INVALID, PLATFORM_VERSION_UNKNOWN
 */
export async function getPlatformVersion(
  given: string | undefined,
  { workspace, access }: PlatformSession,
): Promise<PlatformSummary> {
  const wanted = given ?? workspace.version;
  const [, name = workspace.name, version] =
    /^(?:(?:arn:[^:]+:elasticbeanstalk:[^:]*:\d*:platform\/)?([^:/]+)\/)?(\d+\.\d+\.\d+)$/.exec(wanted ?? '') ?? [];
  if (wanted !== undefined && version === undefined) throw createError('PLATFORM_VERSION_INVALID', [wanted]);
  const known = await access.platforms.listPlatforms(name);
  const found = known.find((each) => version === undefined || each.version === version);
  if (found === undefined) throw createError('PLATFORM_VERSION_UNKNOWN', [wanted ?? name]);
  return found;
}
