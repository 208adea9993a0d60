import { AwsError } from '../wire/aws-error.js';
import type { LogGroupRecord, LogStreamRecord } from '../world/service-records.js';
import type { RequestContext } from '../world/services.js';
import { groupId, streamId } from './log-store.js';

/**
 * A group by its name or ARN.
 *
 * @throws AwsError ResourceNotFoundException
 */
export function getGroup({ world, region }: RequestContext, given = ''): LogGroupRecord {
  const name = /^arn:aws:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(given)?.[1] ?? given;
  const group = world.logGroups.find(groupId(region, name));
  if (group !== undefined) return group;
  throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
}

/** @throws AwsError ResourceNotFoundException */
export function getStream(context: RequestContext, group: string | undefined, name = ''): LogStreamRecord {
  const { region } = context;
  const stream = context.world.logStreams.find(streamId({ region, group: getGroup(context, group).name, name }));
  if (stream !== undefined) return stream;
  throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
}
