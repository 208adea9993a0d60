import {
  CreatePlatformVersionCommand,
  CreateStorageLocationCommand,
  DeletePlatformVersionCommand,
  DescribeEventsCommand,
  DescribePlatformVersionCommand,
  type ElasticBeanstalkClient,
  type EventDescription,
  ListPlatformVersionsCommand,
  type PlatformDescription,
  type PlatformSummary as SdkSummary,
} from '@aws-sdk/client-elastic-beanstalk';
import { listLivingEnvironments } from './elastic-beanstalk-environments.js';
import type {
  EventQuery,
  NamedVersion,
  PlatformDetails,
  PlatformEvent,
  PlatformOrder,
  PlatformService,
  PlatformSummary,
} from './platform-ports.js';
import { toTags } from './tags.js';
import { callAws, callAwsOrMiss } from './translate-error.js';

/** Custom platforms over the SDK. */
export function createPlatformService(client: ElasticBeanstalkClient): PlatformService {
  return {
    listPlatforms: (name) => listPlatforms(client, name),
    findPlatform: (arn) => findPlatform(client, arn),
    createPlatform: (order) => createPlatform(client, order),
    async deletePlatform(arn) {
      const command = new DeletePlatformVersionCommand({ PlatformArn: arn });
      const { $metadata } = await callAws('elasticbeanstalk:DeletePlatformVersion', () => client.send(command));
      return { requestId: $metadata.requestId ?? '' };
    },
    listEvents: (query) => listEvents(client, query),
    async getStorageBucket() {
      const { S3Bucket = '' } = await callAws('elasticbeanstalk:CreateStorageLocation', () =>
        client.send(new CreateStorageLocationCommand({})),
      );
      return S3Bucket;
    },
    async listEnvironments(platformArn) {
      const environments = await listLivingEnvironments(client);
      return environments
        .filter(({ PlatformArn }) => PlatformArn === platformArn)
        .map(({ EnvironmentName = '' }) => EnvironmentName);
    },
  };
}

// 1000 is the most that DescribeEvents gives at once.
const EVENTS_AT_ONCE = 1000;
const ARN = /^arn:[^:]+:elasticbeanstalk:[^:]+:[^:]*:platform\/([^/]+)\/(\d+\.\d+\.\d+)$/;

async function listPlatforms(
  client: ElasticBeanstalkClient,
  name: string | undefined,
): Promise<readonly PlatformSummary[]> {
  const Filters = [
    { Type: 'PlatformOwner', Operator: '=', Values: ['self'] },
    ...(name === undefined ? [] : [{ Type: 'PlatformName', Operator: '=', Values: [name] }]),
  ];
  const found: SdkSummary[] = [];
  let token: string | undefined;
  do {
    const command = new ListPlatformVersionsCommand({ Filters, ...(token === undefined ? {} : { NextToken: token }) });
    const page = await callAws('elasticbeanstalk:ListPlatformVersions', () => client.send(command));
    found.push(...(page.PlatformSummaryList ?? []));
    token = page.NextToken;
  } while (token !== undefined && token !== '');
  return found
    .map((summary) => readSummary(summary))
    .toSorted((one, other) => one.name.localeCompare(other.name) || compareVersions(other.version, one.version));
}

async function findPlatform(client: ElasticBeanstalkClient, arn: string): Promise<PlatformDetails | undefined> {
  const answer = await callAwsOrMiss(
    'elasticbeanstalk:DescribePlatformVersion',
    ['InvalidParameterValue', 'ResourceNotFoundException'],
    () => client.send(new DescribePlatformVersionCommand({ PlatformArn: arn })),
  );
  const platform = answer?.PlatformDescription;
  return platform === undefined ? undefined : readDetails(platform);
}

async function createPlatform(client: ElasticBeanstalkClient, order: PlatformOrder) {
  const command = new CreatePlatformVersionCommand({
    PlatformName: order.name,
    PlatformVersion: order.version,
    PlatformDefinitionBundle: { S3Bucket: order.bucket, S3Key: order.key },
    OptionSettings: Object.entries(order.options).flatMap(([Namespace, options]) =>
      Object.entries(options).map(([OptionName, Value]) => ({ Namespace, OptionName, Value })),
    ),
    Tags: toTags(order.tags),
  });
  const answer = await callAws('elasticbeanstalk:CreatePlatformVersion', () => client.send(command));
  return { arn: answer.PlatformSummary?.PlatformArn ?? '', requestId: answer.$metadata.requestId ?? '' };
}

async function listEvents(client: ElasticBeanstalkClient, query: EventQuery): Promise<readonly PlatformEvent[]> {
  const found: EventDescription[] = [];
  let token: string | undefined;
  do {
    const command = new DescribeEventsCommand({
      MaxRecords: EVENTS_AT_ONCE,
      ...(query.requestId === undefined ? {} : { RequestId: query.requestId }),
      ...(query.platformArn === undefined ? {} : { PlatformArn: query.platformArn }),
      ...(query.environmentName === undefined ? {} : { EnvironmentName: query.environmentName }),
      ...(query.since === undefined ? {} : { StartTime: query.since }),
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const page = await callAws('elasticbeanstalk:DescribeEvents', () => client.send(command));
    found.push(...(page.Events ?? []));
    token = page.NextToken;
  } while (token !== undefined && token !== '');
  // The service answers newest first.
  return found.toReversed().map(({ EventDate = new Date(0), Severity = 'INFO', Message = '' }) => ({
    at: EventDate,
    severity: Severity,
    message: Message,
  }));
}

function readSummary(platform: Pick<SdkSummary, 'PlatformArn' | 'PlatformStatus'>): PlatformSummary {
  const { PlatformArn: arn = '' } = platform;
  const [, name = '', version = ''] = ARN.exec(arn) ?? [];
  return { arn, name, version, status: platform.PlatformStatus ?? '' };
}

function readDetails(platform: PlatformDescription): PlatformDetails {
  const [language] = platform.ProgrammingLanguages ?? [];
  const [framework] = platform.Frameworks ?? [];
  return {
    ...readSummary(platform),
    ...(platform.Description && { description: platform.Description }),
    ...(platform.Maintainer && { maintainer: platform.Maintainer }),
    ...named('framework', framework?.Name, framework?.Version),
    ...named('operatingSystem', platform.OperatingSystemName, platform.OperatingSystemVersion),
    ...named('programmingLanguage', language?.Name, language?.Version),
    supportedTiers: platform.SupportedTierList ?? [],
    createdAt: platform.DateCreated,
    updatedAt: platform.DateUpdated,
    imageIds: (platform.CustomAmiList ?? []).flatMap(({ ImageId }) => ImageId ?? []),
  };
}

function named<K extends string>(
  key: K,
  name: string | undefined,
  version: string | undefined,
): Partial<Record<K, NamedVersion>> {
  return name === undefined || name === '' ? {} : ({ [key]: { name, version } } as Record<K, NamedVersion>);
}

function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
