import type { PlatformSummary } from '../../aws/platform-ports.js';
import { systemClock } from '../../build/context.js';
import { formatEvent, judgeDeletion } from '../../build/create-platform-version.js';
import { followOperation } from '../../build/follow-operation.js';
import { createError, ExitCode } from '../../errors.js';
import { ask } from '../ask.js';
import type { CliContext } from '../cli-context.js';
import { getPlatformVersion, type PlatformOptions, type PlatformSession, withPlatform } from '../platform-session.js';
import { updateWorkspace } from '../platform-workspace.js';

export interface PlatformDeleteOptions extends PlatformOptions {
  readonly cleanup?: boolean;
  readonly allPlatforms?: boolean;
  readonly force?: boolean;
}

const DELETE_LIMIT_MS = 10 * 60_000;

/** `platform delete VERSION`, or every Failed version with --cleanup. */
export async function platformDelete(
  given: string | undefined,
  options: PlatformDeleteOptions,
  cli: CliContext,
): Promise<ExitCode> {
  if (given === undefined && options.cleanup !== true) {
    throw createError('USAGE', ['platform delete needs a version, or --cleanup for all that failed']);
  }
  return withPlatform(options, cli, async (session) => {
    if (given !== undefined) {
      await deleteVersion(await getPlatformVersion(given, session), session, { options, cli });
      return ExitCode.done;
    }
    const { workspace, access } = session;
    const all = await access.platforms.listPlatforms(options.allPlatforms === true ? undefined : workspace.name);
    const failed = all.filter(({ status }) => status === 'Failed');
    for (const platform of failed) await deleteVersion(platform, session, { options, cli });
    cli.output.answer(`Failed platform versions removed: ${failed.length}`);
    return ExitCode.done;
  });
}

async function deleteVersion(
  platform: PlatformSummary,
  { access, workspace, signal }: PlatformSession,
  { options, cli }: { readonly options: PlatformDeleteOptions; readonly cli: CliContext },
): Promise<void> {
  const { arn, name, version } = platform;
  const label = `${name}/${version}`;
  if (options.force !== true) await confirm(arn, cli, signal);
  const environments = await access.platforms.listEnvironments(arn);
  if (environments.length > 0) throw createError('PLATFORM_IN_USE', [label, environments.join('\n ')]);
  const { requestId } = await access.platforms.deletePlatform(arn);
  const errors: string[] = [];
  const isDone = await followOperation({
    platforms: access.platforms,
    requestId,
    what: `platform version ${label} to be deleted`,
    limitMs: DELETE_LIMIT_MS,
    clock: systemClock,
    signal,
    judge: judgeDeletion,
    onEvent(event) {
      if (event.severity === 'ERROR') errors.push(event.message);
      cli.output.progress(formatEvent(event));
    },
  });
  if (!isDone) throw createError('PLATFORM_DELETE_FAILED', [label, errors.join('\n')]);
  if (workspace.name === name && workspace.version === version) {
    await updateWorkspace(workspace.folder, { platform_version: '' });
  }
  cli.output.answer(`${arn}  deleted`);
}

async function confirm(arn: string, cli: CliContext, signal: AbortSignal): Promise<void> {
  const what = `The deletion of ${arn}`;
  if (!cli.output.isTerminal) throw createError('PLATFORM_NOT_CONFIRMED', [what]);
  cli.output.progress(`The platform "${arn}" and all associated resources will be deleted.`);
  const answer = await ask('To confirm, type the platform arn: ', { cli, signal });
  if (answer.trim() !== arn) throw createError('PLATFORM_NOT_CONFIRMED', [what]);
}
