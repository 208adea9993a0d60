import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createBuildResources } from './build-resources.js';
import { type AwsAccessOptions, clientSettings } from './client-settings.js';
import { createImageCatalog } from './image-catalog.js';
import type { BuildResources, ImageCatalog, SnapshotReader } from './ports.js';
import { createSnapshotReader } from './snapshot-reader.js';

export interface AwsAccess {
  readonly region: string;
  readonly catalog: ImageCatalog;
  readonly resources: BuildResources;
  readonly snapshots: SnapshotReader;
  /** Closes idle connections, so that the process can end. */
  close(): void;
}

// A block is half a megabyte: a request that takes longer than this hangs (coldsnap issue 438), and asking again helps.
const BLOCK_TIMEOUTS = { connectionTimeout: 5000, requestTimeout: 15_000, throwOnRequestTimeout: true };

/** Opens EC2, SSM and EBS of one region. Makes no request. */
export function createAwsAccess(options: AwsAccessOptions): AwsAccess {
  const settings = clientSettings(options);
  const ec2 = new EC2Client(settings);
  const ssm = new SSMClient(settings);
  const ebs = new EBSClient({ ...settings, requestHandler: BLOCK_TIMEOUTS });
  return {
    region: options.region,
    catalog: createImageCatalog({ ec2, ssm }),
    resources: createBuildResources(ec2),
    snapshots: createSnapshotReader(ebs),
    close() {
      ebs.destroy();
      ec2.destroy();
      ssm.destroy();
    },
  };
}
