import { randomUUID } from 'node:crypto';
import {
  DescribeEvents$,
  type DescribeEventsMessage,
  type EventDescription,
  type EventDescriptionsMessage,
  type EventSeverity,
} from '@aws-sdk/client-elastic-beanstalk';
import { cutPage } from '../ec2/pages.js';
import { done, oneOf } from '../members/member-rules.js';
import { defineOperation } from '../wire/operation.js';
import type { EventRecord } from '../world/service-records.js';
import type { RequestContext, SandboxServices } from '../world/services.js';

const SEVERITIES: readonly EventSeverity[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

export const eventOperations = [
  defineOperation(DescribeEvents$, describeEvents, {
    ApplicationName: done,
    EnvironmentId: done,
    EnvironmentName: done,
    PlatformArn: done,
    RequestId: done,
    Severity: oneOf(SEVERITIES),
    StartTime: done,
    EndTime: done,
    MaxRecords: done,
    NextToken: done,
  }),
];

export interface EventSubject {
  readonly region: string;
  /** Of the request that began it: clients follow what they asked for by it. */
  readonly requestId: string;
  readonly platformArn?: string;
  readonly applicationName?: string;
  readonly environmentName?: string;
}

// AWS keeps six weeks; a sandbox, which writes its world whole, the last few hundred.
const MAX_EVENTS = 500;

/** Adds an event to the history of a platform version or an environment. */
export function recordEvent(
  { world, clock }: Pick<SandboxServices, 'world' | 'clock'>,
  subject: EventSubject,
  event: { readonly severity?: EventRecord['severity']; readonly message: string },
): void {
  const latest = Date.parse(world.events.list().at(-1)?.at ?? '1970-01-01T00:00:00Z');
  world.events.put({
    id: randomUUID(),
    region: subject.region,
    // The EB CLI asks for what is a millisecond newer than the last it saw, so no two may share one.
    at: new Date(Math.max(clock.now().getTime(), latest + 1)).toISOString(),
    severity: event.severity ?? 'INFO',
    message: event.message,
    requestId: subject.requestId,
    platformArn: subject.platformArn,
    applicationName: subject.applicationName,
    environmentName: subject.environmentName,
  });
  for (const { id } of world.events.list().slice(0, -MAX_EVENTS)) world.events.remove(id);
}

/** Newest first. */
function describeEvents(input: DescribeEventsMessage, { world, region }: RequestContext): EventDescriptionsMessage {
  const lowest = SEVERITIES.indexOf(input.Severity ?? 'TRACE');
  const named = input.EnvironmentId === undefined ? undefined : world.environments.find(input.EnvironmentId);
  if (input.EnvironmentId !== undefined && named === undefined) return { Events: [] };
  const environmentName = input.EnvironmentName ?? named?.name;
  const events = world.events
    .list()
    .filter(
      (event) =>
        event.region === region &&
        (input.RequestId === undefined || event.requestId === input.RequestId) &&
        (input.PlatformArn === undefined || event.platformArn === input.PlatformArn) &&
        (input.ApplicationName === undefined || event.applicationName === input.ApplicationName) &&
        (environmentName === undefined || event.environmentName === environmentName) &&
        (input.StartTime === undefined || Date.parse(event.at) >= input.StartTime.getTime()) &&
        (input.EndTime === undefined || Date.parse(event.at) < input.EndTime.getTime()) &&
        SEVERITIES.indexOf(event.severity) >= lowest,
    )
    .toReversed();
  const page = cutPage(events, { MaxResults: input.MaxRecords, NextToken: input.NextToken });
  return { Events: page.items.map(viewEvent), NextToken: page.NextToken };
}

function viewEvent(event: EventRecord): EventDescription {
  return {
    EventDate: new Date(event.at),
    Message: event.message,
    Severity: event.severity,
    RequestId: event.requestId,
    PlatformArn: event.platformArn,
    ApplicationName: event.applicationName,
    EnvironmentName: event.environmentName,
  };
}
