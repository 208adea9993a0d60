// What of a run still exists in EC2, and is the run's own beyond doubt. Names and ids that were read from packer's
// output only say where to look: the run tag, or a key pair or instance that bears it, says whose it is.
import { type BuildResources, type MachineImage, RUN_TAG } from '../aws/ports.js';
import type { ResourceKind } from '../events.js';

/** What is known of a run from its journal. */
export interface RunTraces {
  readonly run: string;
  /** Name that the AMI gets; undefined when the run ended before it was settled. */
  readonly amiName?: string;
  /** Without a region: in that of the run. */
  readonly learned: readonly { readonly kind: ResourceKind; readonly id: string; readonly region?: string }[];
  /** Other regions that it may have copied its image to. */
  readonly copyRegions?: readonly string[];
}

export interface FoundTrace {
  readonly kind: ResourceKind;
  readonly id: string;
  /** Where it is, when that is not the region of the run. */
  readonly region?: string;
  /** It goes away by itself, or with another trace: wait for it, do not remove it. */
  readonly isGoing: boolean;
}

/**
 * Everything that the run made and that is still there, in the order in which it can be removed. With `keepImage` the
 * finished AMI and its snapshots are left out.
 */
export async function findTraces(
  resources: BuildResources,
  traces: RunTraces,
  keepImage?: { readonly id: string; readonly snapshotIds: readonly string[] },
): Promise<readonly FoundTrace[]> {
  const { run } = traces;
  const keyNames = [...learnedIds(traces, 'key-pair'), keyPairNameOf(run)];
  const instances = await resources.findInstances({ run, keyNames });
  const instanceIds = instances.map(({ id }) => id);
  const images = await findOwnImages(resources, traces, instanceIds);
  const snapshots = await resources.findSnapshots({
    run,
    instanceIds,
    ids: images.flatMap(({ snapshotIds }) => snapshotIds),
  });
  const volumes = await resources.findVolumes(run);
  const keyPairs = await resources.findKeyPairs({ run, names: keyNames });
  const groups = await resources.findSecurityGroups({ run, names: learnedIds(traces, 'security-group') });
  const objects = await resources.findObjects(learnedIds(traces, 'object'));
  const isKept = (id: string): boolean => id === keepImage?.id || (keepImage?.snapshotIds.includes(id) ?? false);
  return [
    ...instances
      .filter(({ state }) => state !== 'terminated')
      .map(({ id, state }) => trace('instance', id, state === 'shutting-down')),
    ...images.filter(({ id, state }) => !isKept(id) && state !== 'deregistered').map(({ id }) => trace('image', id)),
    ...snapshots.filter(({ id }) => !isKept(id)).map(({ id }) => trace('snapshot', id)),
    ...volumes
      .filter(({ state }) => state !== 'deleted')
      .map(({ id, state }) => trace('volume', id, state !== 'available' && state !== 'error')),
    ...keyPairs.map(({ id }) => trace('key-pair', id)),
    ...groups.map(({ id }) => trace('security-group', id)),
    ...objects.map((id) => trace('object', id)),
  ];
}

/** Name of the temporary key pair of a run, where the template can say it. */
export function keyPairNameOf(run: string): string {
  return `buildimg-${run}`;
}

async function findOwnImages(
  resources: BuildResources,
  traces: RunTraces,
  instanceIds: readonly string[],
): Promise<readonly MachineImage[]> {
  const { run, amiName } = traces;
  const learned = learnedIds(traces, 'image');
  const names = amiName === undefined ? [] : [amiName];
  const images = await resources.findImages({ run, names, ids: learned });
  // A pending AMI has no tags yet when Packer 1.6 makes it: then its name and its instance, or the id that Packer said.
  return images.filter((image) => {
    const owner = image.tags[RUN_TAG];
    if (owner !== undefined) {
      return owner === run;
    }
    const isOfOurInstance = image.sourceInstanceId !== undefined && instanceIds.includes(image.sourceInstanceId);
    return image.name === amiName && (isOfOurInstance || learned.includes(image.id));
  });
}

function learnedIds(traces: RunTraces, kind: ResourceKind): readonly string[] {
  return traces.learned.filter((resource) => resource.kind === kind).map(({ id }) => id);
}

function trace(kind: ResourceKind, id: string, isGoing = false): FoundTrace {
  return { kind, id, isGoing };
}
