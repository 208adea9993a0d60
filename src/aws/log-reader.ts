import { type CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { LogReader } from './platform-ports.js';
import { callAwsOrMiss } from './translate-error.js';

/** CloudWatch Logs over the SDK. */
export function createLogReader(client: CloudWatchLogsClient): LogReader {
  return {
    async readLog({ group, name }, token) {
      const command = new GetLogEventsCommand({
        logGroupName: group,
        logStreamName: name,
        startFromHead: true,
        ...(token === undefined ? {} : { nextToken: token }),
      });
      const page = await callAwsOrMiss('logs:GetLogEvents', ['ResourceNotFoundException'], () => client.send(command));
      if (page === undefined) return undefined;
      return { messages: (page.events ?? []).map(({ message = '' }) => message), token: page.nextForwardToken };
    },
  };
}
