// Events are kept beside the world, one line of JSON each: a build writes thousands, and the world is written whole.

import { createHash } from 'node:crypto';
import { appendFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePrivateFolder } from '../../private-folder.js';
import type { LogStreamRecord } from '../world/service-records.js';
import type { SandboxServices } from '../world/services.js';

export interface StoredLogEvent {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

export interface StreamName {
  readonly region: string;
  readonly group: string;
  readonly name: string;
}

export type LogServices = Pick<SandboxServices, 'world' | 'paths' | 'clock'>;

/** Makes the group and the stream if they are missing. */
export function ensureLogStream({ world, clock }: LogServices, { region, group, name }: StreamName): LogStreamRecord {
  const createdAt = clock.now().toISOString();
  if (world.logGroups.find(groupId(region, group)) === undefined) {
    world.logGroups.put({ id: groupId(region, group), region, name: group, createdAt });
  }
  const id = streamId({ region, group, name });
  const existing = world.logStreams.find(id);
  if (existing !== undefined) return existing;
  return world.logStreams.put({ id, region, group, name, createdAt, firstEventMs: undefined, lastEventMs: undefined });
}

/** Adds events to a stream that is there. */
export async function appendLogEvents(
  services: LogServices,
  stream: LogStreamRecord,
  events: readonly Pick<StoredLogEvent, 'timestamp' | 'message'>[],
): Promise<void> {
  const first = events[0];
  const last = events.at(-1);
  if (first === undefined || last === undefined) return;
  const ingestionTime = services.clock.now().getTime();
  ensurePrivateFolder(services.paths.logsDir);
  const lines = events.map(({ timestamp, message }) => `${JSON.stringify({ timestamp, ingestionTime, message })}\n`);
  await appendFile(streamFile(services, stream), lines.join(''), { mode: 0o600 });
  services.world.logStreams.update(stream.id, {
    firstEventMs: services.world.logStreams.find(stream.id)?.firstEventMs ?? first.timestamp,
    lastEventMs: last.timestamp,
  });
}

/** All events of a stream in the order in which they came. */
export async function readLogEvents(
  services: Pick<SandboxServices, 'paths'>,
  stream: StreamName,
): Promise<readonly StoredLogEvent[]> {
  const text = await readFile(streamFile(services, stream), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  // A line that a crash cut short has no newline at its end.
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StoredLogEvent);
}

export async function removeLogStream(services: LogServices, stream: LogStreamRecord): Promise<void> {
  services.world.logStreams.remove(stream.id);
  await rm(streamFile(services, stream), { force: true });
}

export function groupId(region: string, group: string): string {
  return `${region}:${group}`;
}

export function streamId({ region, group, name }: StreamName): string {
  return `${region}:${group}:${name}`;
}

// Names may hold slashes and 512 characters.
function streamFile({ paths }: Pick<SandboxServices, 'paths'>, stream: StreamName): string {
  const digest = createHash('sha256').update(streamId(stream)).digest('hex');
  return join(paths.logsDir, `${digest.slice(0, 32)}.jsonl`);
}
