import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createBuildResources } from './build-resources.js';
import { type AwsAccessOptions, clientSettings } from './client-settings.js';
import type { InstanceCommands, InstanceControl } from './ec2-ports.js';
import { createImageCatalog } from './image-catalog.js';
import { createInstanceCommands } from './instance-commands.js';
import { createInstanceControl } from './instance-control.js';
import type { BuildResources, ImageCatalog } from './ports.js';
import { callAws } from './translate-error.js';

export interface AwsAccess {
  readonly region: string;
  readonly catalog: ImageCatalog;
  readonly resources: BuildResources;
  readonly instances: InstanceControl;
  readonly commands: InstanceCommands;
  /** Account of the credentials, 12 digits. */
  findAccount(): Promise<string>;
  /** Closes idle connections, so that the process can end. */
  close(): void;
}

/** Opens EC2 and SSM of one region. Makes no request. */
export function createAwsAccess(options: AwsAccessOptions): AwsAccess {
  const settings = clientSettings(options);
  const ec2 = new EC2Client(settings);
  const ssm = new SSMClient(settings);
  const sts = new STSClient(settings);
  return {
    region: options.region,
    catalog: createImageCatalog({ ec2, ssm }),
    resources: createBuildResources(ec2),
    instances: createInstanceControl(ec2),
    commands: createInstanceCommands(ssm),
    async findAccount() {
      const { Account = '' } = await callAws('sts:GetCallerIdentity', () => sts.send(new GetCallerIdentityCommand({})));
      return Account;
    },
    close() {
      ec2.destroy();
      ssm.destroy();
      sts.destroy();
    },
  };
}
