import {
  CreateApplicationVersionCommand,
  CreateEnvironmentCommand,
  DescribeEnvironmentsCommand,
  type ElasticBeanstalkClient,
  type EnvironmentDescription,
  TerminateEnvironmentCommand,
  UpdateEnvironmentCommand,
} from '@aws-sdk/client-elastic-beanstalk';
import type { EnvironmentChange, EnvironmentService } from './platform-ports.js';
import { callAws } from './translate-error.js';

const PROPERTIES = 'aws:elasticbeanstalk:application:environment';

/** Environments over the SDK. */
export function createEnvironmentService(client: ElasticBeanstalkClient): EnvironmentService {
  return {
    async findEnvironment(name) {
      const { Environments: [found] = [] } = await callAws('elasticbeanstalk:DescribeEnvironments', () =>
        client.send(new DescribeEnvironmentsCommand({ EnvironmentNames: [name], IncludeDeleted: false })),
      );
      if (found === undefined) return undefined;
      return {
        id: found.EnvironmentId ?? '',
        name,
        platformArn: found.PlatformArn ?? '',
        versionLabel: found.VersionLabel,
        status: found.Status ?? '',
        health: found.Health ?? '',
        url: found.EndpointURL,
      };
    },
    async createVersion({ application, label, bucket, key }) {
      const command = new CreateApplicationVersionCommand({
        ApplicationName: application,
        VersionLabel: label,
        SourceBundle: { S3Bucket: bucket, S3Key: key },
        AutoCreateApplication: true,
      });
      await callAws('elasticbeanstalk:CreateApplicationVersion', () => client.send(command));
    },
    async createEnvironment({ platformArn, ...change }) {
      const command = new CreateEnvironmentCommand({
        ...describeChange(change),
        ApplicationName: change.application,
        PlatformArn: platformArn,
      });
      const { $metadata } = await callAws('elasticbeanstalk:CreateEnvironment', () => client.send(command));
      return { requestId: $metadata.requestId ?? '' };
    },
    async updateEnvironment(change) {
      const command = new UpdateEnvironmentCommand({
        ...describeChange(change),
        OptionsToRemove: Object.entries(change.properties)
          .filter(([, value]) => value === '')
          .map(([OptionName]) => ({ Namespace: PROPERTIES, OptionName })),
      });
      const { $metadata } = await callAws('elasticbeanstalk:UpdateEnvironment', () => client.send(command));
      return { requestId: $metadata.requestId ?? '' };
    },
    async terminateEnvironment(name) {
      const command = new TerminateEnvironmentCommand({ EnvironmentName: name });
      const { $metadata } = await callAws('elasticbeanstalk:TerminateEnvironment', () => client.send(command));
      return { requestId: $metadata.requestId ?? '' };
    },
  };
}

/** Every environment of the account that is not terminated. */
export async function listLivingEnvironments(
  client: ElasticBeanstalkClient,
): Promise<readonly EnvironmentDescription[]> {
  const { Environments = [] } = await callAws('elasticbeanstalk:DescribeEnvironments', () =>
    client.send(new DescribeEnvironmentsCommand({ IncludeDeleted: false })),
  );
  return Environments;
}

function describeChange({ environment, versionLabel, properties }: EnvironmentChange) {
  return {
    EnvironmentName: environment,
    ...(versionLabel === undefined ? {} : { VersionLabel: versionLabel }),
    OptionSettings: Object.entries(properties)
      .filter(([, value]) => value !== '')
      .map(([OptionName, Value]) => ({ Namespace: PROPERTIES, OptionName, Value })),
  };
}
