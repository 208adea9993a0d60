import type { PlatformDetails } from '../../aws/platform-ports.js';
import { ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { getPlatformVersion, type PlatformOptions, type PlatformSession, withPlatform } from '../platform-session.js';
import { updateWorkspace } from '../platform-workspace.js';

export interface PlatformListOptions extends PlatformOptions {
  readonly allPlatforms?: boolean;
  readonly status?: string;
}

/** `platform list`: a version a line, newest first. */
export async function platformList(options: PlatformListOptions, cli: CliContext): Promise<ExitCode> {
  return withPlatform(options, cli, async ({ access, workspace }) => {
    const all = await access.platforms.listPlatforms(options.allPlatforms === true ? undefined : workspace.name);
    const wanted = options.status?.toLowerCase();
    const shown = all.filter(({ status }) => wanted === undefined || status.toLowerCase() === wanted);
    if (options.json === true) cli.output.answer(JSON.stringify(shown, undefined, 2));
    else for (const { arn, status } of shown) cli.output.answer(`${arn}  Status: ${status}`);
    return ExitCode.done;
  });
}

/** `platform status` */
export async function platformStatus(
  given: string | undefined,
  options: PlatformOptions,
  cli: CliContext,
): Promise<ExitCode> {
  return withPlatform(options, cli, (session) => showStatus(given, session, { options, cli }));
}

/** `platform use`: the version that later commands are about. */
export async function platformUse(given: string, options: PlatformOptions, cli: CliContext): Promise<ExitCode> {
  return withPlatform(options, cli, async (session) => {
    const { name, version, arn } = await getPlatformVersion(given, session);
    await updateWorkspace(session.workspace.folder, { platform_name: name, platform_version: version });
    if (options.json !== true) cli.output.answer('Setting workspace platform version to:');
    return showStatus(arn, session, { options, cli });
  });
}

async function showStatus(
  given: string | undefined,
  session: PlatformSession,
  { options, cli }: { readonly options: PlatformOptions; readonly cli: CliContext },
): Promise<ExitCode> {
  const found = await getPlatformVersion(given, session);
  const platform = (await session.access.platforms.findPlatform(found.arn)) ?? { ...found, ...NO_DETAILS };
  if (options.json === true) cli.output.answer(JSON.stringify(platform, undefined, 2));
  else for (const line of formatPlatform(platform)) cli.output.answer(line);
  return ExitCode.done;
}

const NO_DETAILS = { supportedTiers: [], createdAt: undefined, updatedAt: undefined, imageIds: [] };

// The words of `eb platform status`, which leaves out what is unknown; the AMIs are ours.
function formatPlatform(platform: PlatformDetails): readonly string[] {
  const { framework, operatingSystem, programmingLanguage } = platform;
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['Platform', platform.arn],
    ['Name', platform.name],
    ['Version', platform.version],
    ['Maintainer', platform.maintainer],
    ['Description', platform.description],
    ['Framework', framework?.name],
    ['Framework Version', framework?.version],
    ['Operating System', operatingSystem?.name],
    ['Operating System Version', operatingSystem?.version],
    ['Programming Language', programmingLanguage?.name],
    ['Programming Language Version', programmingLanguage?.version],
    ['Supported Tiers', platform.supportedTiers.join(', ')],
    ['AMI', platform.imageIds.join(', ')],
    ['Status', platform.status],
    ['Created', platform.createdAt?.toISOString()],
    ['Updated', platform.updatedAt?.toISOString()],
  ];
  return lines.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`${name}: ${value}`]));
}
