import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { clientOptions, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';

const STREAM = { logGroupName: '/aws/test', logStreamName: 'one' };
const START_MS = Date.UTC(2026, 0, 1);

let test: TestSandbox;
let logs: CloudWatchLogsClient;

beforeEach(async () => {
  test = await startTestSandbox();
  logs = new CloudWatchLogsClient(clientOptions(test.sandbox, 'us-east-1'));
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/aws/test' }));
  await logs.send(new CreateLogStreamCommand(STREAM));
});
afterEach(async () => {
  logs.destroy();
  await test.sandbox.close();
});

describe('GetLogEvents', () => {
  it('goes forward page by page, and the token at the end gives what comes later', async () => {
    await put('a', 'b', 'c');

    const first = await get({ startFromHead: true, limit: 2 });
    const second = await get({ nextToken: first.nextForwardToken });
    const end = await get({ nextToken: second.nextForwardToken });
    await put('d');
    const later = await get({ nextToken: end.nextForwardToken });

    expect([first, second, end, later].map(({ events }) => events?.map(({ message }) => message))).toEqual([
      ['a', 'b'],
      ['c'],
      [],
      ['d'],
    ]);
    expect(end.nextForwardToken).toBe(second.nextForwardToken);
  });

  it('begins at the end unless told otherwise, and goes back from there', async () => {
    await put('a', 'b', 'c');

    const last = await get({ limit: 2 });
    const before = await get({ nextToken: last.nextBackwardToken, limit: 2 });

    expect([last, before].map(({ events }) => events?.map(({ message }) => message))).toEqual([['b', 'c'], ['a']]);
  });

  it('takes a part of the time', async () => {
    await put('a', 'b', 'c');

    const { events } = await get({ startTime: START_MS + 1, endTime: START_MS + 2 });

    expect(events?.map(({ message }) => message)).toEqual(['b']);
  });

  it('knows no stream that was not made', async () => {
    const other = logs.send(new GetLogEventsCommand({ ...STREAM, logStreamName: 'two' }));

    await expect(other).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('FilterLogEvents', () => {
  it.each([
    ['', ['ERROR disk full', 'INFO disk fine', 'WARN cpu']],
    ['disk', ['ERROR disk full', 'INFO disk fine']],
    ['disk -fine', ['ERROR disk full']],
    ['?ERROR ?WARN', ['ERROR disk full', 'WARN cpu']],
    ['"disk full"', ['ERROR disk full']],
  ])('understands the pattern %j', async (filterPattern, expected) => {
    await put('ERROR disk full', 'INFO disk fine', 'WARN cpu');

    const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/test', filterPattern }));

    expect(events?.map(({ message }) => message)).toEqual(expected);
  });

  it('says which patterns it does not have', async () => {
    const filtered = logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/test', filterPattern: '{ $.a = 1 }' }));

    await expect(filtered).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

describe('groups and streams', () => {
  it('are listed by prefix with the time of their events', async () => {
    await put('a', 'b');

    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/t' }));
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: '/aws/test' }));

    expect(logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(['/aws/test']);
    expect(logStreams).toMatchObject([
      { logStreamName: 'one', firstEventTimestamp: START_MS, lastEventTimestamp: START_MS + 1 },
    ]);
  });

  it('are made once, and go with what is in them', async () => {
    await put('a');
    await expect(logs.send(new CreateLogStreamCommand(STREAM))).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
    });

    await logs.send(new DeleteLogGroupCommand({ logGroupName: '/aws/test' }));
    await logs.send(new CreateLogGroupCommand({ logGroupName: '/aws/test' }));
    await logs.send(new CreateLogStreamCommand(STREAM));

    expect((await get({ startFromHead: true })).events).toEqual([]);
  });

  it('refuse events out of order', async () => {
    const logEvents = [
      { timestamp: START_MS + 1, message: 'b' },
      { timestamp: START_MS, message: 'a' },
    ];

    await expect(logs.send(new PutLogEventsCommand({ ...STREAM, logEvents }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});

let next = START_MS;
beforeEach(() => {
  next = START_MS;
});

function put(...messages: readonly string[]) {
  const logEvents = messages.map((message) => ({ timestamp: next++, message }));
  return logs.send(new PutLogEventsCommand({ ...STREAM, logEvents }));
}

function get(options: object) {
  return logs.send(new GetLogEventsCommand({ ...STREAM, ...options }));
}
