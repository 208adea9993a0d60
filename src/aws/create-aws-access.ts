import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createBuildResources } from './build-resources.js';
import type { ImageLibrary } from './catalogue-ports.js';
import { type AwsAccessOptions, clientSettings } from './client-settings.js';
import type { ImageDistribution, ParameterStore, RegionInspector } from './distribution-ports.js';
import type { InstanceCommands, InstanceControl } from './ec2-ports.js';
import { createImageCatalog } from './image-catalog.js';
import { createImageDistribution } from './image-distribution.js';
import { createImageInspector } from './image-inspector.js';
import { createImageLibrary } from './image-library.js';
import { createInstanceCommands } from './instance-commands.js';
import { createInstanceControl } from './instance-control.js';
import { createParameterStore } from './parameter-store.js';
import type { BuildResources, ImageCatalog, ImageInspector, SnapshotReader } from './ports.js';
import { createRegionInspector } from './region-inspector.js';
import { createSnapshotReader } from './snapshot-reader.js';
import { callAws } from './translate-error.js';

export interface AwsAccess {
  readonly region: string;
  readonly catalog: ImageCatalog;
  readonly inspector: ImageInspector;
  readonly library: ImageLibrary;
  readonly resources: BuildResources;
  readonly snapshots: SnapshotReader;
  readonly instances: InstanceControl;
  readonly commands: InstanceCommands;
  readonly distribution: ImageDistribution;
  readonly parameters: ParameterStore;
  readonly settings: RegionInspector;
  /** The same account in another region; opened once, and closed with this. */
  inRegion(region: string): AwsAccess;
  /** Account of the credentials, 12 digits. */
  findAccount(): Promise<string>;
  /** Closes idle connections, of the other regions too, so that the process can end. */
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
  const sts = new STSClient(settings);
  const others = new Map<string, AwsAccess>();
  const access: AwsAccess = {
    region: options.region,
    catalog: createImageCatalog({
      ec2,
      ssm,
      // Few images start from a platform; the others do not load the client.
      findPlatformBase: async (branch) => (await import('./platform-base.js')).findPlatformBase(settings, branch),
    }),
    inspector: createImageInspector({ ec2, region: options.region }),
    library: createImageLibrary({ ec2, ssm, settings }),
    resources: createBuildResources(ec2),
    snapshots: createSnapshotReader(ebs),
    instances: createInstanceControl(ec2),
    commands: createInstanceCommands(ssm),
    distribution: createImageDistribution(ec2),
    parameters: createParameterStore(ssm),
    settings: createRegionInspector(ec2),
    inRegion(region) {
      if (region === options.region) return access;
      const known = others.get(region) ?? createAwsAccess({ ...options, region });
      others.set(region, known);
      return known;
    },
    async findAccount() {
      const { Account = '' } = await callAws('sts:GetCallerIdentity', () => sts.send(new GetCallerIdentityCommand({})));
      return Account;
    },
    close() {
      ebs.destroy();
      ec2.destroy();
      ssm.destroy();
      sts.destroy();
      for (const other of others.values()) other.close();
    },
  };
  return access;
}
