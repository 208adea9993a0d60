import { createBuildResources } from './build-resources.js';
import type { ImageLibrary } from './catalogue-ports.js';
import { type AwsAccessOptions, clientSettings } from './client-settings.js';
import type { ImageDistribution, ParameterStore, RegionInspector } from './distribution-ports.js';
import type { BucketFiles, InstanceCommands, InstanceControl, NetworkControl } from './ec2-ports.js';
import { createImageCatalog } from './image-catalog.js';
import { createImageDistribution } from './image-distribution.js';
import { createImageInspector } from './image-inspector.js';
import { createImageLibrary } from './image-library.js';
import { createInstanceCommands } from './instance-commands.js';
import { createInstanceControl } from './instance-control.js';
import { createNetworkControl } from './network-control.js';
import { createParameterStore } from './parameter-store.js';
import type { BuildResources, ImageCatalog, ImageInspector, SnapshotReader } from './ports.js';
import { createRegionInspector } from './region-inspector.js';
import { openRegionSession } from './region-session.js';
import { createSnapshotReader } from './snapshot-reader.js';

export interface AwsAccess {
  readonly region: string;
  readonly catalog: ImageCatalog;
  readonly inspector: ImageInspector;
  readonly library: ImageLibrary;
  readonly resources: BuildResources;
  readonly snapshots: SnapshotReader;
  readonly instances: InstanceControl;
  readonly commands: InstanceCommands;
  readonly network: NetworkControl;
  readonly files: BucketFiles;
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

/** Opens EC2, SSM and EBS of one region; several builds of a process share one session (aws-fleet.ts). Makes no request. */
export function createAwsAccess(options: AwsAccessOptions, session = openRegionSession(options)): AwsAccess {
  const { clients, lookups, caller } = session;
  const { ec2, ssm, ebs } = clients;
  const { resources, commands, sources } = lookups;
  const files = createLazyFiles(options);
  const others = new Map<string, AwsAccess>();
  const access: AwsAccess = {
    region: options.region,
    catalog: createImageCatalog({
      ec2,
      images: resources.images,
      sources,
      caller,
      // Few images start from a platform; the others do not load the client.
      findPlatformBase: async (branch) =>
        (await import('./platform-base.js')).findPlatformBase(clientSettings(options), branch),
    }),
    inspector: createImageInspector({ ec2, region: options.region }),
    library: createImageLibrary({ ec2, ssm, settings: clientSettings(options) }),
    resources: createBuildResources({ ec2, files }, resources, caller),
    snapshots: createSnapshotReader(ebs),
    instances: createInstanceControl(ec2, resources, caller),
    commands: createInstanceCommands(ssm, commands, caller),
    network: createNetworkControl(ec2),
    files,
    distribution: createImageDistribution(ec2),
    parameters: createParameterStore(ssm),
    settings: createRegionInspector(ec2),
    inRegion(region) {
      if (region === options.region) return access;
      const known = others.get(region) ?? createAwsAccess({ ...options, region }, session.inRegion(region));
      others.set(region, known);
      return known;
    },
    findAccount: () => lookups.findAccount(),
    close() {
      files.close();
      session.close();
      for (const other of others.values()) other.close();
    },
  };
  return access;
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
