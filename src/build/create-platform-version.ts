// The life of a custom platform version as its owner sees it: packed, uploaded, built, and gone again if that failed.

import type { LogReader, ObjectStore, PlatformEvent, PlatformService, PlatformSummary } from '../aws/platform-ports.js';
import type { Clock } from '../clock.js';
import { createError } from '../errors.js';
import { createFailureCollector, type FailureExplanation } from '../packer/explain-failure.js';
import { createLogFollower, followOperation } from './follow-operation.js';
import { hasErrorCode } from './has-error-code.js';
import { readPlatformLogLine } from './platform-log-line.js';

export interface PlatformAccess {
  readonly platforms: PlatformService;
  readonly objects: ObjectStore;
  readonly logs: LogReader;
}

export interface CreatePlatformRequest {
  readonly name: string;
  readonly version: string;
  /** The archive. */
  readonly bytes: Uint8Array;
  readonly options: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly limitMs: number;
}

export interface CreatePlatformContext {
  readonly access: PlatformAccess;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Called as soon as the version exists. */
  readonly onStarted?: () => Promise<void>;
}

/**
 * Creates a platform version and waits until it is Ready. What interrupts the wait does not interrupt Elastic Beanstalk,
 * which has no call for that: the version and the archive that it reads are then left, as the EB CLI leaves them.
 *
 * @throws PLATFORM_BUILD_FAILED with the line that failed first; version and archive are removed by then
 * @throws PLATFORM_CREATE_LEFT when interrupted
 */
export async function createPlatformVersion(
  request: CreatePlatformRequest,
  context: CreatePlatformContext,
): Promise<PlatformSummary> {
  const { access, say } = context;
  const { name, version } = request;
  const bucket = await access.platforms.getStorageBucket();
  const key = `${name}/app-${formatTime(context.clock.now())}.zip`;
  say(`Uploading ${key} to S3. This may take a while.`);
  await access.objects.putObject(bucket, key, request.bytes);
  say('Upload Complete.');
  try {
    context.signal.throwIfAborted();
    const log = await openLog(request, context);
    const { arn, requestId } = await access.platforms.createPlatform({ ...request, bucket, key });
    await context.onStarted?.();
    say(`Creating ${name}/${version}. Ctrl-C stops following it, and does not stop it.`);
    await followCreation({ ...request, arn, requestId, log }, context);
    return { arn, name, version, status: 'Ready' };
  } catch (error) {
    if (!hasErrorCode(error, 'PLATFORM_CREATE_LEFT')) await access.objects.deleteObject(bucket, key);
    throw error;
  }
}

/** An event as `eb` writes it. */
export function formatEvent({ at, severity, message }: PlatformEvent): string {
  const time = at.toISOString().slice(0, 19).replace('T', ' ');
  return `${time}    ${severity.padEnd(6)}  ${message}`;
}

/** Group of CloudWatch Logs that a platform's builds write to; streams are versions. */
export function platformLogGroup(name: string): string {
  return `/aws/elasticbeanstalk/platform/${name}`;
}

interface Started extends CreatePlatformRequest {
  readonly arn: string;
  readonly requestId: string;
  readonly log: PlatformLog;
}

interface PlatformLog {
  readonly read: () => Promise<void>;
  readonly failure: ReturnType<typeof createFailureCollector>;
}

/** The log from its present end on: that of an earlier attempt at the same version is kept, and is none of ours. */
async function openLog({ name, version }: CreatePlatformRequest, context: CreatePlatformContext): Promise<PlatformLog> {
  const failure = createFailureCollector();
  let isOurs = false;
  const read = createLogFollower(context.access.logs, { group: platformLogGroup(name), name: version }, (message) => {
    if (!isOurs) return;
    const { text, packer } = readPlatformLogLine(message);
    if (packer !== undefined) failure.receive(packer);
    if (text !== '') context.say(text);
  });
  await read();
  isOurs = true;
  return { read, failure };
}

async function followCreation(started: Started, context: CreatePlatformContext): Promise<void> {
  try {
    await waitUntilReady(started, context);
  } catch (error) {
    if (!hasErrorCode(error, 'INTERRUPTED')) throw await removeFailed(error, started.arn, context);
    throw createError('PLATFORM_CREATE_LEFT', [`${started.name}/${started.version}`], { cause: error });
  }
}

async function waitUntilReady(request: Started, { access, clock, signal, say }: CreatePlatformContext): Promise<void> {
  const { read, failure } = request.log;
  const errors: string[] = [];
  const isDone = await followOperation({
    platforms: access.platforms,
    requestId: request.requestId,
    what: `platform version ${request.name}/${request.version}`,
    limitMs: request.limitMs,
    clock,
    signal,
    alongside: read,
    judge: judgeCreation,
    onEvent(event) {
      if (event.severity === 'ERROR') errors.push(event.message);
      say(formatEvent(event));
    },
  });
  if (isDone) return;
  const label = `${request.name}/${request.version}`;
  throw createError('PLATFORM_BUILD_FAILED', [label, explain(failure.explain(), errors)]);
}

// Prefixes, as the EB CLI knows them (ebcli/resources/strings.py, responses).
function judgeCreation({ message }: PlatformEvent): 'done' | 'failed' | undefined {
  if (message.startsWith('Successfully created platform version')) return 'done';
  const failures = ['Failed to create platform version', 'Unmatched region for created AMI'];
  return failures.some((prefix) => message.startsWith(prefix)) ? 'failed' : undefined;
}

/** Packer's own words where it came to that, the line that failed first; else what the events say. */
function explain({ reason, cause }: FailureExplanation, errors: readonly string[]): string {
  if (reason === NOTHING_SAID) return errors.join('\n');
  const lines = reason.split('\n').filter((line) => line.trim() !== '');
  const end = lines.findIndex((line) => line.startsWith('Script exited with non-zero exit status'));
  const failing = lines[end - 1];
  return failing === undefined
    ? cause || reason
    : [failing, 'The lines before it:', ...lines.slice(-LINES_SHOWN).map((line) => `  ${line}`)].join('\n');
}

const LINES_SHOWN = 10;
const NOTHING_SAID = createFailureCollector().explain().reason;

const DELETE_LIMIT_MS = 10 * 60_000;

/** Removes a version that did not become Ready. One that is still being built cannot be removed: its owner is told. */
async function removeFailed(error: unknown, arn: string, context: CreatePlatformContext): Promise<unknown> {
  const { access, clock } = context;
  try {
    // The signal that ended the wait would end this too.
    const { signal } = new AbortController();
    const { requestId } = await access.platforms.deletePlatform(arn);
    await followOperation({
      platforms: access.platforms,
      requestId,
      what: `platform version ${arn} to be deleted`,
      limitMs: DELETE_LIMIT_MS,
      clock,
      signal,
      onEvent: () => undefined,
      judge: judgeDeletion,
    });
    return error;
  } catch (failure) {
    return createError('PLATFORM_LEFT_BEHIND', [arn], { cause: error, suppressed: [failure] });
  }
}

/** Whether an event ends the deletion of a platform version. */
export function judgeDeletion({ message }: PlatformEvent): 'done' | 'failed' | undefined {
  if (message.startsWith('Successfully deleted platform version')) return 'done';
  return message.startsWith('Failed to delete platform version') ? 'failed' : undefined;
}

function formatTime(now: number): string {
  return new Date(now).toISOString().replace(/[-:T]/g, '').replace(/\..*/, '').slice(2);
}
