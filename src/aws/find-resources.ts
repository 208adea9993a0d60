// Finding what a run made, by its tag or by what is known of it.
import type { FilterLookup } from './filter-lookups.js';
import type {
  BuildResources,
  FoundResource,
  InstanceQuery,
  MachineImage,
  NamedQuery,
  OwnImageQuery,
  SnapshotQuery,
} from './ports.js';
import { type ResourceLookups, RUN_FILTER } from './resource-lookups.js';

type ResourceFinder = Pick<
  BuildResources,
  'findInstances' | 'findImages' | 'findSnapshots' | 'findVolumes' | 'findKeyPairs' | 'findSecurityGroups'
>;

/** Lookups for the build `caller`. */
export function createResourceFinder(lookups: ResourceLookups, caller: string): ResourceFinder {
  // Filters of one call are joined by AND, so alternatives need a call each; one without values would match all there is.
  async function findAny<T extends { readonly id: string }>(
    lookup: FilterLookup<T>,
    filters: Readonly<Record<string, readonly string[]>>,
  ): Promise<readonly T[]> {
    const asked = Object.entries(filters).filter(([, values]) => values.length > 0);
    const found = await Promise.all(asked.map(([name, values]) => lookup(name, values, caller)));
    return [...new Map(found.flat().map((item) => [item.id, item])).values()];
  }

  return {
    async findInstances({ run, keyNames }: InstanceQuery): Promise<readonly FoundResource[]> {
      return await findAny(lookups.instances, { [RUN_FILTER]: [run], 'key-name': keyNames });
    },
    async findImages({ run, names, ids }: OwnImageQuery): Promise<readonly MachineImage[]> {
      return await findAny(lookups.images, { [RUN_FILTER]: [run], name: names, 'image-id': ids });
    },
    async findSnapshots({ run, ids, instanceIds }: SnapshotQuery): Promise<readonly FoundResource[]> {
      const description = instanceIds.map((id) => `Created by CreateImage(${id})*`);
      return await findAny(lookups.snapshots, { [RUN_FILTER]: [run], 'snapshot-id': ids, description });
    },
    async findVolumes(run): Promise<readonly FoundResource[]> {
      return await findAny(lookups.volumes, { [RUN_FILTER]: [run] });
    },
    async findKeyPairs({ run, names }: NamedQuery): Promise<readonly FoundResource[]> {
      return await findAny(lookups.keyPairs, { [RUN_FILTER]: [run], 'key-name': names });
    },
    async findSecurityGroups({ run, names }: NamedQuery): Promise<readonly FoundResource[]> {
      return await findAny(lookups.securityGroups, { [RUN_FILTER]: [run], 'group-name': names });
    },
  };
}
