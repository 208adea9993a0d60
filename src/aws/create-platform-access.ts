import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ElasticBeanstalkClient } from '@aws-sdk/client-elastic-beanstalk';
import { S3Client } from '@aws-sdk/client-s3';
import { type AwsAccessOptions, clientSettings } from './client-settings.js';
import { createPlatformService } from './elastic-beanstalk.js';
import { createEnvironmentService } from './elastic-beanstalk-environments.js';
import { createLogReader } from './log-reader.js';
import { createObjectStore } from './object-store.js';
import type { EnvironmentService, LogReader, ObjectStore, PlatformService } from './platform-ports.js';

export interface PlatformAccess {
  readonly region: string;
  readonly platforms: PlatformService;
  readonly environments: EnvironmentService;
  readonly objects: ObjectStore;
  readonly logs: LogReader;
  /** Closes idle connections, so that the process can end. */
  close(): void;
}

/** Opens Elastic Beanstalk, S3 and CloudWatch Logs of one region. Makes no request. */
export function createPlatformAccess(options: AwsAccessOptions): PlatformAccess {
  const settings = clientSettings(options);
  const beanstalk = new ElasticBeanstalkClient(settings);
  // An endpoint that is not AWS has no host name for every bucket.
  const s3 = new S3Client({ ...settings, forcePathStyle: options.endpoint !== undefined });
  const logs = new CloudWatchLogsClient(settings);
  return {
    region: options.region,
    platforms: createPlatformService(beanstalk),
    environments: createEnvironmentService(beanstalk),
    objects: createObjectStore(s3),
    logs: createLogReader(logs),
    close() {
      for (const client of [beanstalk, s3, logs]) client.destroy();
    },
  };
}
