import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createBuildResources } from './build-resources.js';
import { type AwsAccessOptions, clientSettings } from './client-settings.js';
import { createImageCatalog } from './image-catalog.js';
import type { BuildResources, ImageCatalog } from './ports.js';

export interface AwsAccess {
  readonly region: string;
  readonly catalog: ImageCatalog;
  readonly resources: BuildResources;
  /** Closes idle connections, so that the process can end. */
  close(): void;
}

/** Opens EC2 and SSM of one region. Makes no request. */
export function createAwsAccess(options: AwsAccessOptions): AwsAccess {
  const settings = clientSettings(options);
  const ec2 = new EC2Client(settings);
  const ssm = new SSMClient(settings);
  return {
    region: options.region,
    catalog: createImageCatalog({
      ec2,
      ssm,
      // Few images start from a platform; the others do not load the client.
      findPlatformBase: async (branch) => (await import('./platform-base.js')).findPlatformBase(settings, branch),
    }),
    resources: createBuildResources(ec2),
    close() {
      ec2.destroy();
      ssm.destroy();
    },
  };
}
