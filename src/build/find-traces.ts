// What of a run still exists in EC2, and is the run's own beyond doubt: by the tag of the run, which all but Packer before 1.8
// give to all that they make. What that one does not tag is known by the name that Packer announced before it was
// connected, and is looked at before it is believed.
import { describeUpload, imageOfSnapshot, instanceOfSnapshot } from '../aws/own-snapshots.js';
import { type BuildResources, type FoundResource, type MachineImage, RUN_TAG } from '../aws/ports.js';
import type { ResourceKind } from '../events.js';
import { KEY_PAIR_PREFIX } from '../render/packer/amazon-ebs-source.js';

/** What is known of a run from its journal. */
export interface RunTraces {
  readonly run: string;
  /** Milliseconds since the epoch: what is older is not the run's. */
  readonly startedAt: number;
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
  const instances = await resources.findInstances({ run, keyNames: [] });
  const images = await findOwnImages(resources, traces, instances);
  const snapshots = await findOwnSnapshots(resources, { traces, instances, images });
  const volumes = await resources.findVolumes(run);
  const keyPairs = await findOwnKeyPairs(resources, traces);
  const groups = await findOwnGroups(resources, traces);
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

/** Images of the run in any state, a pending one included; `instances` are the run's. */
export async function findOwnImages(
  resources: BuildResources,
  traces: RunTraces,
  instances: readonly FoundResource[],
): Promise<readonly MachineImage[]> {
  const { run, amiName } = traces;
  const instanceIds = instances.map(({ id }) => id);
  const learned = learnedIds(traces, 'image');
  const names = amiName === undefined ? [] : [amiName];
  const images = await resources.findImages({ run, names, ids: learned });
  // A pending AMI has no tags yet when Packer 1.6 makes it: then its name and its instance, at the moment or when it was
  // written into the journal.
  return images.filter((image) => {
    const owner = image.tags[RUN_TAG];
    if (owner !== undefined) {
      // CopyImage copies tags when it is asked to: the name, or what the journal knows, says that it is no copy.
      return owner === run && (image.name === amiName || learned.includes(image.id));
    }
    const isOfOurInstance = image.sourceInstanceId !== undefined && instanceIds.includes(image.sourceInstanceId);
    return image.name === amiName && (isOfOurInstance || learned.includes(image.id));
  });
}

interface CaptureTraces {
  readonly traces: RunTraces;
  readonly instances: readonly FoundResource[];
  readonly images: readonly MachineImage[];
}

async function findOwnSnapshots(
  resources: BuildResources,
  { traces, instances, images }: CaptureTraces,
): Promise<readonly FoundResource[]> {
  const ids = images.flatMap(({ snapshotIds }) => snapshotIds);
  const instanceIds = instances.map(({ id }) => id);
  const found = await resources.findSnapshots({ run: traces.run, instanceIds, ids });
  const isMadeForRun = madeForRun({ traces, instances, images });
  return found.filter((snapshot) => {
    const isOurs = isTagged(snapshot, traces);
    if (isOurs === undefined) return ids.includes(snapshot.id) || isOfRun(snapshot, traces);
    return isOurs && isMadeForRun(snapshot);
  });
}

/** Whoever copies an image or a snapshot with its tags makes a snapshot that bears the tag of the run, and is not the run's. */
function madeForRun({ traces, instances, images }: CaptureTraces) {
  const ownInstances = new Set([...instances.map(({ id }) => id), ...learnedIds(traces, 'instance')]);
  const ownImages = new Set([...images.map(({ id }) => id), ...learnedIds(traces, 'image')]);
  const known = new Set([...images.flatMap(({ snapshotIds }) => snapshotIds), ...learnedIds(traces, 'snapshot')]);
  return ({ id, description = '' }: FoundResource): boolean =>
    known.has(id) ||
    ownInstances.has(instanceOfSnapshot(description) ?? '') ||
    ownImages.has(imageOfSnapshot(description) ?? '') ||
    (traces.amiName !== undefined && description === describeUpload(traces.amiName));
}

async function findOwnKeyPairs(resources: BuildResources, traces: RunTraces): Promise<readonly FoundResource[]> {
  const { run } = traces;
  const names = [...learnedIds(traces, 'key-pair'), `${KEY_PAIR_PREFIX}${run}`];
  const found = await resources.findKeyPairs({ run, names });
  const untagged = found.filter((pair) => isTagged(pair, traces) === undefined && isOfRun(pair, traces));
  const users =
    untagged.length === 0 ? [] : await resources.findInstances({ run, keyNames: untagged.map(({ id }) => id) });
  // Whoever lets somebody else in is not the run's.
  const lent = users.filter(({ tags }) => tags[RUN_TAG] !== run).map(({ keyName }) => keyName);
  return found.filter((pair) => isTagged(pair, traces) ?? (untagged.includes(pair) && !lent.includes(pair.id)));
}

/** Packer's own description. EC2 lets nobody delete a group that an instance is in. */
const GROUP_DESCRIPTION = 'Temporary group for Packer';

async function findOwnGroups(resources: BuildResources, traces: RunTraces): Promise<readonly FoundResource[]> {
  const found = await resources.findSecurityGroups({ run: traces.run, names: learnedIds(traces, 'security-group') });
  return found.filter((group) => isTagged(group, traces) ?? group.description === GROUP_DESCRIPTION);
}

/** Undefined for what carries the tag of no run. */
function isTagged({ tags }: FoundResource, { run }: RunTraces): boolean | undefined {
  const owner = tags[RUN_TAG];
  return owner === undefined ? undefined : owner === run;
}

/** Clocks of AWS and of this machine may differ; SDKs make up for that without a word. */
const CLOCK_DIFFERENCE_MS = 60 * 60_000;

function isOfRun({ createdAt }: FoundResource, { startedAt }: RunTraces): boolean {
  return createdAt === undefined || Date.parse(createdAt) > startedAt - CLOCK_DIFFERENCE_MS;
}

function learnedIds(traces: RunTraces, kind: ResourceKind): readonly string[] {
  return traces.learned.filter((resource) => resource.kind === kind).map(({ id }) => id);
}

function trace(kind: ResourceKind, id: string, isGoing = false): FoundTrace {
  return { kind, id, isGoing };
}
