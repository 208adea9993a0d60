import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createBuildResources } from './build-resources.js';
import { type AwsAccessOptions, clientSettings } from './client-settings.js';
import type { BucketFiles, InstanceCommands, InstanceControl, NetworkControl } from './ec2-ports.js';
import { createImageCatalog } from './image-catalog.js';
import { createImageInspector } from './image-inspector.js';
import { createInstanceCommands } from './instance-commands.js';
import { createInstanceControl } from './instance-control.js';
import { createNetworkControl } from './network-control.js';
import type { BuildResources, ImageCatalog, ImageInspector, SnapshotReader } from './ports.js';
import { createSnapshotReader } from './snapshot-reader.js';
import { callAws } from './translate-error.js';

export interface AwsAccess {
  readonly region: string;
  readonly catalog: ImageCatalog;
  readonly inspector: ImageInspector;
  readonly resources: BuildResources;
  readonly snapshots: SnapshotReader;
  readonly instances: InstanceControl;
  readonly commands: InstanceCommands;
  readonly network: NetworkControl;
  readonly files: BucketFiles;
  /** Account of the credentials, 12 digits. */
  findAccount(): Promise<string>;
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
  const sts = new STSClient(settings);
  const files = createLazyFiles(options);
  return {
    region: options.region,
    catalog: createImageCatalog({
      ec2,
      ssm,
      // Few images start from a platform; the others do not load the client.
      findPlatformBase: async (branch) => (await import('./platform-base.js')).findPlatformBase(settings, branch),
    }),
    inspector: createImageInspector({ ec2, region: options.region }),
    resources: createBuildResources(ec2, files),
    snapshots: createSnapshotReader(ebs),
    instances: createInstanceControl(ec2),
    commands: createInstanceCommands(ssm),
    network: createNetworkControl(ec2),
    files,
    async findAccount() {
      const { Account = '' } = await callAws('sts:GetCallerIdentity', () => sts.send(new GetCallerIdentityCommand({})));
      return Account;
    },
    close() {
      files.close();
      ebs.destroy();
      ec2.destroy();
      ssm.destroy();
      sts.destroy();
    },
  };
}

/** Few builds use a bucket; the others do not load the client. */
function createLazyFiles(options: AwsAccessOptions): BucketFiles {
  let opened: BucketFiles | undefined;
  async function open(): Promise<BucketFiles> {
    const { createBucketFiles } = await import('./bucket-files.js');
    opened ??= createBucketFiles(options);
    return opened;
  }
  return {
    putFile: async (order) => (await open()).putFile(order),
    fetchFile: async (order) => (await open()).fetchFile(order),
    presign: async (method, order) => (await open()).presign(method, order),
    hasObject: async (place) => (await open()).hasObject(place),
    deleteObject: async (place) => (await open()).deleteObject(place),
    close: () => opened?.close(),
  };
}
