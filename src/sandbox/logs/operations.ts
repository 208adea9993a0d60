import {
  CreateLogGroup$,
  type CreateLogGroupRequest,
  CreateLogStream$,
  type CreateLogStreamRequest,
  DeleteLogGroup$,
  type DeleteLogGroupRequest,
  DeleteLogStream$,
  type DeleteLogStreamRequest,
  DescribeLogGroups$,
  type DescribeLogGroupsRequest,
  type DescribeLogGroupsResponse,
  DescribeLogStreams$,
  type DescribeLogStreamsRequest,
  type DescribeLogStreamsResponse,
  PutLogEvents$,
  type PutLogEventsRequest,
  type PutLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { cutPage } from '../ec2/pages.js';
import { done, oneOf, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation, tabulateOperations } from '../wire/operation.js';
import type { LogStreamRecord } from '../world/service-records.js';
import type { RequestContext } from '../world/services.js';
import { appendLogEvents, groupId, removeLogStream, streamId } from './log-store.js';
import { readOperations } from './read-operations.js';
import { getGroup, getStream } from './requests.js';

/** Everything of CloudWatch Logs that the sandbox speaks. */
export const logsOperations = tabulateOperations(
  [
    defineOperation(CreateLogGroup$, createLogGroup, {
      logGroupName: done,
      logGroupClass: oneOf(['STANDARD']),
      deletionProtectionEnabled: oneOf([false]),
    }),
    defineOperation(DeleteLogGroup$, deleteLogGroup, { logGroupName: done }),
    defineOperation(DescribeLogGroups$, describeLogGroups, {
      logGroupNamePrefix: done,
      logGroupNamePattern: done,
      logGroupClass: oneOf(['STANDARD']),
      includeLinkedAccounts: oneOf([false]),
      nextToken: done,
      limit: done,
    }),
    defineOperation(CreateLogStream$, createLogStream, { logGroupName: done, logStreamName: done }),
    defineOperation(DeleteLogStream$, deleteLogStream, { logGroupName: done, logStreamName: done }),
    defineOperation(DescribeLogStreams$, describeLogStreams, {
      logGroupName: done,
      logGroupIdentifier: done,
      logStreamNamePrefix: done,
      orderBy: oneOf(['LogStreamName', 'LastEventTime']),
      descending: done,
      nextToken: done,
      limit: done,
    }),
    defineOperation(PutLogEvents$, putLogEvents, {
      logGroupName: done,
      logStreamName: done,
      logEvents: { timestamp: done, message: done },
      sequenceToken: withoutEffect('AWS ignores it too'),
    }),
  ],
  readOperations,
);

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
const MAX_BATCH_BYTES = 1_048_576;
const MAX_BATCH_EVENTS = 10_000;
const EVENT_OVERHEAD_BYTES = 26;
const PAGE_SIZE = 50;

function createLogGroup(
  { logGroupName = '' }: CreateLogGroupRequest,
  { world, region, clock }: RequestContext,
): object {
  if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(logGroupName)) throw invalidName('logGroupName', logGroupName);
  const id = groupId(region, logGroupName);
  if (world.logGroups.find(id) !== undefined) throw alreadyExists('group');
  world.logGroups.put({ id, region, name: logGroupName, createdAt: clock.now().toISOString() });
  return {};
}

async function deleteLogGroup({ logGroupName }: DeleteLogGroupRequest, context: RequestContext): Promise<object> {
  const group = getGroup(context, logGroupName);
  for (const stream of listStreams(context, group.name)) await removeLogStream(context, stream);
  context.world.logGroups.remove(group.id);
  return {};
}

function describeLogGroups(input: DescribeLogGroupsRequest, context: RequestContext): DescribeLogGroupsResponse {
  const groups = context.world.logGroups
    .list()
    .filter(
      ({ region, name }) =>
        region === context.region &&
        name.startsWith(input.logGroupNamePrefix ?? '') &&
        name.toLowerCase().includes((input.logGroupNamePattern ?? '').toLowerCase()),
    )
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const page = cutPage(groups, { MaxResults: input.limit ?? PAGE_SIZE, NextToken: input.nextToken });
  return {
    logGroups: page.items.map(({ name, createdAt }) => ({
      logGroupName: name,
      creationTime: Date.parse(createdAt),
      arn: `arn:aws:logs:${context.region}:${context.accountId}:log-group:${name}:*`,
    })),
    nextToken: page.NextToken,
  };
}

function createLogStream(input: CreateLogStreamRequest, { world, region, clock, ...rest }: RequestContext): object {
  const { logStreamName: name = '' } = input;
  const { name: group } = getGroup({ world, region, clock, ...rest }, input.logGroupName);
  if (!/^[^:*]{1,512}$/.test(name)) throw invalidName('logStreamName', name);
  const id = streamId({ region, group, name });
  if (world.logStreams.find(id) !== undefined) throw alreadyExists('stream');
  const createdAt = clock.now().toISOString();
  world.logStreams.put({ id, region, group, name, createdAt, firstEventMs: undefined, lastEventMs: undefined });
  return {};
}

async function deleteLogStream(input: DeleteLogStreamRequest, context: RequestContext): Promise<object> {
  await removeLogStream(context, getStream(context, input.logGroupName, input.logStreamName));
  return {};
}

function describeLogStreams(input: DescribeLogStreamsRequest, context: RequestContext): DescribeLogStreamsResponse {
  const group = getGroup(context, input.logGroupName ?? input.logGroupIdentifier);
  const streams = listStreams(context, group.name)
    .filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ''))
    .toSorted((one, other) =>
      input.orderBy === 'LastEventTime'
        ? (one.lastEventMs ?? 0) - (other.lastEventMs ?? 0)
        : one.name < other.name
          ? -1
          : 1,
    );
  const ordered = input.descending === true ? streams.toReversed() : streams;
  const page = cutPage(ordered, { MaxResults: input.limit ?? PAGE_SIZE, NextToken: input.nextToken });
  return {
    logStreams: page.items.map((stream) => ({
      logStreamName: stream.name,
      creationTime: Date.parse(stream.createdAt),
      firstEventTimestamp: stream.firstEventMs,
      lastEventTimestamp: stream.lastEventMs,
      arn: `arn:aws:logs:${context.region}:${context.accountId}:log-group:${group.name}:log-stream:${stream.name}`,
    })),
    nextToken: page.NextToken,
  };
}

async function putLogEvents(input: PutLogEventsRequest, context: RequestContext): Promise<PutLogEventsResponse> {
  const stream = getStream(context, input.logGroupName, input.logStreamName);
  const events = (input.logEvents ?? []).map(({ timestamp = 0, message = '' }) => ({ timestamp, message }));
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES, 0);
  if (events.length === 0 || events.length > MAX_BATCH_EVENTS || bytes > MAX_BATCH_BYTES) {
    throw new AwsError('InvalidParameterException', 'A batch holds 1 to 10000 events and at most 1048576 bytes');
  }
  if (events.some(({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? 0))) {
    throw new AwsError(
      'InvalidParameterException',
      'Log events in a single PutLogEvents request must be in chronological order.',
    );
  }
  await appendLogEvents(context, stream, events);
  return {};
}

function listStreams({ world, region }: RequestContext, group: string): readonly LogStreamRecord[] {
  return world.logStreams.list().filter((stream) => stream.region === region && stream.group === group);
}

function alreadyExists(kind: string): AwsError {
  return new AwsError('ResourceAlreadyExistsException', `The specified log ${kind} already exists`);
}

function invalidName(parameter: string, value: string): AwsError {
  return new AwsError(
    'InvalidParameterException',
    `1 validation error detected: Value '${value}' at '${parameter}' failed to satisfy constraint`,
  );
}
