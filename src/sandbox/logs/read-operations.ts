import {
  FilterLogEvents$,
  type FilterLogEventsRequest,
  type FilterLogEventsResponse,
  GetLogEvents$,
  type GetLogEventsRequest,
  type GetLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { done, oneOf, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { RequestContext } from '../world/services.js';
import { readLogEvents, type StoredLogEvent } from './log-store.js';
import { getGroup, getStream } from './requests.js';

const READ = {
  logGroupName: done,
  logGroupIdentifier: done,
  startTime: done,
  endTime: done,
  nextToken: done,
  limit: done,
  unmask: withoutEffect('nothing is masked'),
} as const;

export const readOperations = [
  defineOperation(GetLogEvents$, getLogEvents, {
    ...READ,
    logStreamName: done,
    startFromHead: done,
  }),
  defineOperation(FilterLogEvents$, filterLogEvents, {
    ...READ,
    logStreamNames: done,
    logStreamNamePrefix: done,
    filterPattern: done,
    startFromHead: oneOf([true]),
    interleaved: withoutEffect('events of all streams are in the order of time, as AWS answers whatever it says'),
  }),
];

const MAX_EVENTS = 10_000;

/**
 * Tokens are positions: `f/12` goes on behind event 12, `b/12` before it. As AWS's, the forward token of a page at the end
 * is the one that was given, and works again when there is more.
 */
async function getLogEvents(input: GetLogEventsRequest, context: RequestContext): Promise<GetLogEventsResponse> {
  const stream = getStream(context, input.logGroupName ?? input.logGroupIdentifier, input.logStreamName);
  const events = (await readLogEvents(context, stream)).filter((event) => isWithin(event, input));
  const limit = input.limit ?? MAX_EVENTS;
  const { start, end } = cutRange(events.length, limit, input);
  return {
    events: events.slice(start, end).map((event) => ({ ...event })),
    nextForwardToken: `f/${end}`,
    nextBackwardToken: `b/${start}`,
  };
}

function cutRange(
  count: number,
  limit: number,
  { nextToken, startFromHead }: GetLogEventsRequest,
): { readonly start: number; readonly end: number } {
  if (nextToken === undefined) {
    return startFromHead === true
      ? { start: 0, end: Math.min(limit, count) }
      : { start: Math.max(0, count - limit), end: count };
  }
  const [, direction, position = ''] = /^([fb])\/(\d{1,9})$/.exec(nextToken) ?? [];
  if (direction === undefined) {
    throw new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
  }
  const at = Math.min(Number(position), count);
  return direction === 'f'
    ? { start: at, end: Math.min(at + limit, count) }
    : { start: Math.max(0, at - limit), end: at };
}

async function filterLogEvents(
  input: FilterLogEventsRequest,
  context: RequestContext,
): Promise<FilterLogEventsResponse> {
  const group = getGroup(context, input.logGroupName ?? input.logGroupIdentifier);
  const isWanted = compilePattern(input.filterPattern ?? '');
  const streams = context.world.logStreams
    .list()
    .filter(
      ({ region, group: name, ...stream }) =>
        region === context.region &&
        name === group.name &&
        (input.logStreamNames?.includes(stream.name) ?? stream.name.startsWith(input.logStreamNamePrefix ?? '')),
    );
  const found = [];
  for (const stream of streams) {
    const events = await readLogEvents(context, stream);
    for (const [index, event] of events.entries()) {
      if (!isWithin(event, input) || !isWanted(event.message)) continue;
      found.push({ ...event, logStreamName: stream.name, eventId: `${stream.name}/${index}` });
    }
  }
  found.sort((one, other) => one.timestamp - other.timestamp);
  const start = Number(/^n\/(\d{1,9})$/.exec(input.nextToken ?? 'n/0')?.[1] ?? 0);
  const end = start + (input.limit ?? MAX_EVENTS);
  return {
    events: found.slice(start, end),
    searchedLogStreams: [],
    ...(end < found.length ? { nextToken: `n/${end}` } : {}),
  };
}

/** The unstructured patterns: words and "phrases" that must all occur, `?one ?of these`, `-not this`. */
function compilePattern(pattern: string): (message: string) => boolean {
  if (/^\s*[{[%]/.test(pattern)) {
    throw new AwsError(
      'InvalidParameterException',
      'The sandbox has no JSON, space-delimited or regular-expression filter patterns',
    );
  }
  const terms = [...pattern.matchAll(/([?-]?)(?:"([^"]*)"|(\S+))/g)].map(([, sign, phrase, word]) => ({
    sign,
    text: phrase ?? word ?? '',
  }));
  const some = terms.filter(({ sign }) => sign === '?');
  return (message) =>
    terms.every(({ sign, text }) => sign === '?' || message.includes(text) !== (sign === '-')) &&
    (some.length === 0 || some.some(({ text }) => message.includes(text)));
}

function isWithin(
  { timestamp }: StoredLogEvent,
  { startTime, endTime }: { readonly startTime?: number | undefined; readonly endTime?: number | undefined },
): boolean {
  return (startTime === undefined || timestamp >= startTime) && (endTime === undefined || timestamp < endTime);
}
