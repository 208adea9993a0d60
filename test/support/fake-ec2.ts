import type { AwsAccess } from '../../src/aws/create-aws-access.js';
import type {
  BuildResources,
  FoundResource,
  ImageCatalog,
  MachineImage,
  PlatformBase,
  SnapshotReader,
} from '../../src/aws/ports.js';
import { RUN_TAG } from '../../src/aws/ports.js';
import { createError } from '../../src/errors.js';

export interface FakeInstance {
  state: string;
  readonly run?: string;
  readonly keyName?: string;
}

export interface FakeOwned {
  readonly run?: string;
  readonly createdAt?: string;
}

/** What exists in the fake region; tests put things in and look at what is left. */
export interface FakeEc2 {
  readonly instances: Map<string, FakeInstance>;
  readonly images: Map<string, MachineImage>;
  readonly snapshots: Map<string, FakeOwned & { readonly ofInstance?: string; readonly description?: string }>;
  readonly volumes: Map<string, { readonly run: string; readonly state: string }>;
  /** By name. */
  readonly keyPairs: Map<string, FakeOwned>;
  /** By id. A group in use by an instance that is not terminated cannot be deleted. */
  readonly securityGroups: Map<string, FakeOwned & { readonly name: string; readonly description?: string }>;
  /** `bucket/key` of each. */
  readonly objects: Set<string>;
  readonly parameters: Map<string, string>;
  /** Branch → its recommended version. */
  readonly platforms: Map<string, PlatformBase>;
  /** Instance → what it wrote to its console. */
  readonly consoles: Map<string, string>;
  /** Ids that EC2 refuses to remove for want of permission. */
  readonly forbidden: Set<string>;
  /** How many times an instance is seen shutting down before it is terminated. */
  shutdownSightings: number;
  readonly resources: BuildResources;
  readonly catalog: ImageCatalog;
  /** All of it, for a build by packer: nothing of the native builder answers. */
  readonly access: AwsAccess;
}

export function createFakeEc2(): FakeEc2 {
  const ec2 = {
    instances: new Map(),
    images: new Map(),
    snapshots: new Map(),
    volumes: new Map(),
    keyPairs: new Map(),
    securityGroups: new Map(),
    objects: new Set(),
    parameters: new Map(),
    platforms: new Map(),
    consoles: new Map(),
    forbidden: new Set<string>(),
    shutdownSightings: 1,
  } as unknown as FakeEc2;
  const resources = createResources(ec2);
  const catalog = createCatalog(ec2);
  const inspector = { describeImage: async () => undefined };
  const instances = { readConsole: async (id: string) => ec2.consoles.get(id) ?? '' };
  const access = { region: 'us-east-1', catalog, resources, inspector, instances } as unknown as AwsAccess;
  return Object.assign(ec2, { resources, catalog, access });
}

/** The same resources, which count how often they are looked for: each look asks for instances once. */
export function countLooks(resources: BuildResources): {
  readonly resources: BuildResources;
  readonly count: () => number;
} {
  let looks = 0;
  return {
    resources: {
      ...resources,
      findInstances(...query: Parameters<BuildResources['findInstances']>) {
        looks += 1;
        return resources.findInstances(...query);
      },
    },
    count: () => looks,
  };
}

export function aMachineImage(values: Partial<MachineImage> & Pick<MachineImage, 'id'>): MachineImage {
  return {
    name: values.id,
    ownerId: '111122223333',
    state: 'available',
    architecture: 'x86_64',
    rootDeviceName: '/dev/xvda',
    creationDate: '2026-01-02T03:04:05.000Z',
    snapshotIds: [],
    tags: {},
    ...values,
  };
}

function found(id: string, { run, createdAt }: FakeOwned, state = ''): FoundResource {
  return {
    id,
    state,
    tags: run === undefined ? {} : { [RUN_TAG]: run },
    ...(createdAt === undefined ? {} : { createdAt }),
  };
}

function createResources(ec2: FakeEc2): BuildResources {
  const sightings = new Map<string, number>();
  const guard = (id: string, action: string): void => {
    if (ec2.forbidden.has(id)) {
      throw createError('AWS_NOT_AUTHORIZED', [action, 'explicit deny']);
    }
  };
  return {
    async findInstances({ run, keyNames }) {
      for (const [id, instance] of ec2.instances) {
        if (instance.state === 'shutting-down') {
          sightings.set(id, (sightings.get(id) ?? 0) + 1);
          instance.state = (sightings.get(id) ?? 0) > ec2.shutdownSightings ? 'terminated' : 'shutting-down';
        }
      }
      return [...ec2.instances]
        .filter(([, each]) => each.run === run || (each.keyName !== undefined && keyNames.includes(each.keyName)))
        .map(([id, { run: owner, state, keyName }]) => ({
          ...found(id, owner === undefined ? {} : { run: owner }, state),
          ...(keyName === undefined ? {} : { keyName }),
        }));
    },
    async findImages({ run, names, ids }) {
      return [...ec2.images.values()].filter(
        (image) => image.tags[RUN_TAG] === run || names.includes(image.name) || ids.includes(image.id),
      );
    },
    async findSnapshots({ run, ids, instanceIds }) {
      return [...ec2.snapshots]
        .filter(([id, each]) => each.run === run || ids.includes(id) || instanceIds.includes(each.ofInstance ?? ''))
        .map(([id, each]) => ({
          ...found(id, each),
          description:
            each.description ??
            (each.ofInstance === undefined ? '' : `Created by CreateImage(${each.ofInstance}) for ami-0`),
        }));
    },
    async findVolumes(run) {
      return [...ec2.volumes].filter(([, each]) => each.run === run).map(([id, each]) => found(id, each, each.state));
    },
    async findKeyPairs({ run, names }) {
      return [...ec2.keyPairs]
        .filter(([name, each]) => each.run === run || names.includes(name))
        .map(([name, each]) => found(name, each));
    },
    async findSecurityGroups({ run, names }) {
      return [...ec2.securityGroups]
        .filter(([, each]) => each.run === run || names.includes(each.name))
        .map(([id, each]) => ({ ...found(id, each), description: each.description ?? 'Temporary group for Packer' }));
    },
    async requireImdsV2() {},
    async tagImage(id, tags) {
      const image = ec2.images.get(id);
      if (image !== undefined) ec2.images.set(id, { ...image, tags: { ...image.tags, ...tags } });
    },
    async untag(ids, key) {
      for (const id of ids) {
        guard(id, 'ec2:DeleteTags');
        const image = ec2.images.get(id);
        if (image === undefined) continue;
        const { [key]: _taken, ...tags } = image.tags;
        ec2.images.set(id, { ...image, tags });
      }
    },
    async terminateInstances(ids) {
      for (const id of ids) {
        guard(id, 'ec2:TerminateInstances');
        const instance = ec2.instances.get(id);
        if (instance !== undefined) {
          instance.state = 'shutting-down';
        }
      }
    },
    async deregisterImage(id) {
      guard(id, 'ec2:DeregisterImage');
      ec2.images.delete(id);
    },
    async deleteSnapshot(id) {
      const user = [...ec2.images.values()].find(({ snapshotIds }) => snapshotIds.includes(id));
      if (user !== undefined) {
        throw createError('AWS_REQUEST_FAILED', [
          'ec2:DeleteSnapshot',
          'InvalidSnapshot.InUse',
          `in use by ${user.id}`,
        ]);
      }
      ec2.snapshots.delete(id);
    },
    async deleteVolume(id) {
      ec2.volumes.delete(id);
    },
    async deleteKeyPair(name) {
      ec2.keyPairs.delete(name);
    },
    async deleteSecurityGroup(id) {
      guard(id, 'ec2:DeleteSecurityGroup');
      if ([...ec2.instances.values()].some(({ state }) => state !== 'terminated')) {
        throw createError('AWS_REQUEST_FAILED', ['ec2:DeleteSecurityGroup', 'DependencyViolation', 'in use']);
      }
      ec2.securityGroups.delete(id);
    },
    findObjects: async (ids) => ids.filter((id) => ec2.objects.has(id)),
    async deleteObject(id) {
      guard(id, 's3:DeleteObject');
      ec2.objects.delete(id);
    },
  };
}

function createCatalog(ec2: FakeEc2): ImageCatalog {
  const own = '111122223333';
  return {
    findImageByName: async (name) => [...ec2.images.values()].find((i) => i.name === name && i.ownerId === own),
    findImage: async (id) => ec2.images.get(id),
    findNewestImage: async ({ owners }) =>
      [...ec2.images.values()]
        .filter(({ ownerId }) => owners.includes(ownerId))
        .toSorted((one, other) => other.creationDate.localeCompare(one.creationDate))[0],
    findPlatformBase: async (branch) => ec2.platforms.get(branch),
    findImageParameter: async (parameter) => ec2.parameters.get(parameter),
  };
}

/** Snapshots of a region in which none may be read. */
export const NO_SNAPSHOTS: SnapshotReader = {
  openSnapshot: async (snapshotId) => {
    throw createError('SNAPSHOT_NOT_FOUND', [snapshotId]);
  },
};
