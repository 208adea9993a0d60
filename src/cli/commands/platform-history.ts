import { systemClock } from '../../build/context.js';
import { formatEvent, platformLogGroup } from '../../build/create-platform-version.js';
import { createLogFollower } from '../../build/follow-operation.js';
import { readPlatformLogLine } from '../../build/platform-log-line.js';
import { createError, ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { getPlatformVersion, type PlatformOptions, withPlatform } from '../platform-session.js';

// As often as the EB CLI asks.
const POLL_MS = 4_000;

export interface PlatformEventsOptions extends PlatformOptions {
  readonly follow?: boolean;
}

/** `platform events`, oldest first; with --follow until it is interrupted. */
export async function platformEvents(
  given: string | undefined,
  options: PlatformEventsOptions,
  cli: CliContext,
): Promise<ExitCode> {
  return withPlatform(options, cli, async (session) => {
    const { access, signal } = session;
    const { arn } = await getPlatformVersion(given, session);
    let since: Date | undefined;
    for (;;) {
      const events = await access.platforms.listEvents({ platformArn: arn, ...(since && { since }) });
      for (const event of events) {
        cli.output.answer(options.json === true ? JSON.stringify(event) : formatEvent(event));
        since = new Date(event.at.getTime() + 1);
      }
      if (options.follow !== true) return ExitCode.done;
      await systemClock.sleep(POLL_MS, signal);
    }
  });
}

export interface PlatformLogsOptions extends PlatformOptions {
  readonly stream?: boolean;
}

/** `platform logs`: what Packer said, whole; with --stream until the version is not Creating any more. */
export async function platformLogs(
  given: string | undefined,
  options: PlatformLogsOptions,
  cli: CliContext,
): Promise<ExitCode> {
  return withPlatform(options, cli, async (session) => {
    const { access, signal, workspace } = session;
    // A failed version is removed, but its log is not; so a version is not looked up first.
    const target = /^\d+\.\d+\.\d+$/.test(given ?? '')
      ? { name: workspace.name, version: given ?? '' }
      : await getPlatformVersion(given, session);
    const stream = { group: platformLogGroup(target.name), name: target.version };
    let count = 0;
    const read = createLogFollower(access.logs, stream, (message) => {
      count += 1;
      const { text } = readPlatformLogLine(message);
      if (options.json === true) cli.output.answer(JSON.stringify(message));
      else if (text !== '') cli.output.answer(text);
    });
    for (;;) {
      const isGrowing = options.stream === true && (await isCreating());
      await read();
      if (!isGrowing) break;
      await systemClock.sleep(POLL_MS, signal);
    }
    if (count === 0) throw createError('PLATFORM_LOG_MISSING', [stream.group, stream.name]);
    return ExitCode.done;

    async function isCreating(): Promise<boolean> {
      const known = await access.platforms.listPlatforms(target.name);
      return known.some(({ version, status }) => version === target.version && status === 'Creating');
    }
  });
}
