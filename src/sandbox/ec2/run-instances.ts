import {
  type BlockDeviceMapping,
  type Reservation,
  RunInstances$,
  type RunInstancesRequest,
} from '@aws-sdk/client-ec2';
import { findLaunchProfile, formatProfileArn } from '../iam/instance-profiles.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { findEncryptionKey } from '../world/encryption-keys.js';
import { createId } from '../world/ids.js';
import { markTerminated } from '../world/instance-states.js';
import type { ImageRecord, InstanceRecord, SecurityGroupRecord, VolumeRecord } from '../world/records.js';
import { getDefaultVpc, type Subnet } from '../world/regions.js';
import type { InstanceProfileRecord } from '../world/service-records.js';
import type { RequestContext } from '../world/services.js';
import { allocateAddresses } from './addresses.js';
import { isAllowed } from './allowed-images.js';
import { type Encryption, resolveEncryption } from './encryption.js';
import { findInstanceType } from './instance-types.js';
import { viewReservation } from './instance-view.js';
import { findKeyPair } from './key-pair-operations.js';
import { launchMachine, waitForHost } from './launch-machine.js';
import { assertNotDryRun, findRepeated, getImage, rememberToken } from './requests.js';
import { readRootDevice } from './root-device.js';
import { RUN_INSTANCES_MEMBERS } from './run-instances-members.js';
import { getSecurityGroups } from './security-group-operations.js';
import { assertMarket, isSpot } from './spot-market.js';
import { readTagSpecifications } from './tags.js';

export const runInstancesOperations = [defineOperation(RunInstances$, runInstances, RUN_INSTANCES_MEMBERS)];

// User data is limited to 16 KB before base64.
const MAX_USER_DATA_BYTES = 16_384;
const MAX_INSTANCES = 20;

async function runInstances(input: RunInstancesRequest, context: RequestContext): Promise<Reservation> {
  const repeated = findRepeated(context, 'RunInstances', input);
  if (repeated !== undefined) return viewReservation(context, findInstances(context, repeated));
  const order = checkOrder(input, context);
  assertNotDryRun(input.DryRun);
  const reservationId = createId('r');
  const instances = Array.from({ length: order.count }, (_, index) =>
    recordInstance(context, order, { reservationId, launchIndex: index }),
  );
  rememberToken(
    context,
    'RunInstances',
    input,
    instances.map(({ id }) => id),
  );
  // Recorded first: a sandbox killed between the two knows of the machine when it comes back.
  await context.world.commit();
  for (const instance of instances) await launchOrFail(context, instance);
  return viewReservation(
    context,
    findInstances(
      context,
      instances.map(({ id }) => id),
    ),
  );
}

interface Order {
  readonly input: RunInstancesRequest;
  readonly count: number;
  readonly image: ImageRecord;
  readonly baseImage: string;
  readonly root: BlockDeviceMapping & { readonly sizeGib: number };
  readonly encryption: Encryption;
  readonly groups: readonly SecurityGroupRecord[];
  readonly profile: InstanceProfileRecord | undefined;
  readonly subnet: Subnet;
  readonly instanceTags: InstanceRecord['tags'];
  readonly volumeTags: VolumeRecord['tags'];
}

function checkOrder(input: RunInstancesRequest, context: RequestContext): Order {
  if (input.ImageId === undefined)
    throw new AwsError('MissingParameter', 'The request must contain the parameter ImageId');
  if ((input.NetworkInterfaces?.length ?? 0) > 1) {
    throw new AwsError('UnsupportedOperation', 'The sandbox does not have more than one network interface');
  }
  assertMarket(input);
  const image = getImage(context, input.ImageId);
  if (!isAllowed(context, image)) {
    throw new AwsError('InvalidAMIID.NotFound', `The image id '[${image.id}]' does not exist`);
  }
  if (image.state !== 'available') {
    throw new AwsError('InvalidAMIID.Unavailable', `The image ID '${image.id}' is not available: it is ${image.state}`);
  }
  // Whoever may launch an image needs no permission on its snapshot.
  const snapshot = context.world.snapshots.find(image.snapshotId);
  if (snapshot === undefined) throw new AwsError('InvalidSnapshot.NotFound', `${image.snapshotId} does not exist.`);
  const network = input.NetworkInterfaces?.[0];
  const root = readRootDevice(input.BlockDeviceMappings, image);
  const order = {
    input,
    count: readCount(input),
    image,
    baseImage: snapshot.file,
    root,
    encryption: resolveEncryption(context, root.Ebs ?? {}, { ...snapshot, handsKeyDown: true }),
    groups: getSecurityGroups(context, {
      ids: input.SecurityGroupIds ?? network?.Groups,
      names: input.SecurityGroups,
    }),
    profile: findLaunchProfile(input, context),
    subnet: getSubnet(context, input.SubnetId ?? network?.SubnetId, input.Placement?.AvailabilityZone),
    instanceTags: readTagSpecifications(input.TagSpecifications, 'instance'),
    volumeTags: readTagSpecifications(input.TagSpecifications, 'volume'),
  };
  assertType(input.InstanceType ?? 'm1.small', image);
  if (input.KeyName !== undefined && findKeyPair(context, input.KeyName) === undefined) {
    throw new AwsError('InvalidKeyPair.NotFound', `The key pair '${input.KeyName}' does not exist`);
  }
  if (Buffer.from(input.UserData ?? '', 'base64').length > MAX_USER_DATA_BYTES) {
    throw new AwsError('InvalidParameterValue', 'User data is limited to 16384 bytes');
  }
  return order;
}

function readCount({ MinCount = 1, MaxCount = 1 }: RunInstancesRequest): number {
  if (!(MinCount >= 1 && MaxCount >= MinCount)) {
    throw new AwsError('InvalidParameterValue', `MinCount ${MinCount} and MaxCount ${MaxCount} do not fit each other`);
  }
  if (MinCount > MAX_INSTANCES) {
    throw new AwsError(
      'InstanceLimitExceeded',
      `You have requested more instances (${MinCount}) than your limit of ${MAX_INSTANCES}`,
    );
  }
  return Math.min(MaxCount, MAX_INSTANCES);
}

function getSubnet({ region }: RequestContext, id: string | undefined, zone: string | undefined): Subnet {
  const { subnets } = getDefaultVpc(region);
  const subnet = subnets.find((each) =>
    id === undefined ? zone === undefined || each.availabilityZone === zone : each.id === id,
  );
  if (subnet !== undefined) return subnet;
  if (id !== undefined) throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
  throw new AwsError('InvalidParameterValue', `Invalid availability zone: [${zone}]`);
}

function assertType(name: string, image: ImageRecord): void {
  const type = findInstanceType(name);
  if (type === undefined) {
    throw new AwsError('InvalidParameterValue', `Invalid value '${name}' for InstanceType.`);
  }
  if (type.architecture === image.architecture) return;
  throw new AwsError(
    'InvalidParameterValue',
    `The architecture '${type.architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`,
  );
}

function recordInstance(
  context: RequestContext,
  order: Order,
  { reservationId }: { readonly reservationId: string; readonly launchIndex: number },
): InstanceRecord {
  const { world, clock, region } = context;
  const { input, image, subnet } = order;
  const now = clock.now().toISOString();
  const id = createId('i');
  const { id: volumeId } = recordVolume(context, order, { instanceId: id, createdAt: now });
  world.images.update(image.id, { lastLaunchedAt: now });
  return world.instances.put({
    id,
    region,
    tags: order.instanceTags,
    reservationId,
    clientToken: input.ClientToken,
    spotRequestId: isSpot(input) ? `sir-${createId('sir').slice(-8)}` : undefined,
    imageId: image.id,
    instanceType: input.InstanceType ?? 'm1.small',
    architecture: image.architecture,
    state: 'pending',
    stateReason: { code: 'pending', message: 'pending' },
    transitionReason: '',
    launchedAt: now,
    terminatedAt: undefined,
    keyName: input.KeyName,
    securityGroupIds: order.groups.map((group) => group.id),
    subnetId: subnet.id,
    availabilityZone: subnet.availabilityZone,
    ...allocateAddresses(context, subnet),
    networkInterfaceId: createId('eni'),
    rootDeviceName: image.rootDeviceName,
    volumeId,
    baseImage: order.baseImage,
    userData: input.UserData,
    iamInstanceProfile: order.profile === undefined ? undefined : formatProfileArn(context, order.profile),
    shutdownBehavior: input.InstanceInitiatedShutdownBehavior ?? 'stop',
    isTerminationProtected: input.DisableApiTermination ?? false,
    metadataOptions: readMetadataOptions(input),
  });
}

function recordVolume(
  context: RequestContext,
  { image, root, subnet, volumeTags, encryption }: Order,
  { instanceId, createdAt }: Pick<VolumeRecord, 'instanceId' | 'createdAt'>,
): VolumeRecord {
  const { world, region } = context;
  return world.volumes.put({
    id: createId('vol'),
    region,
    tags: volumeTags,
    sizeGib: root.sizeGib,
    type: root.Ebs?.VolumeType ?? image.volumeType,
    availabilityZone: subnet.availabilityZone,
    snapshotId: image.snapshotId,
    createdAt,
    ...encryption,
    instanceId,
    deviceName: image.rootDeviceName,
    deleteOnTermination: root.Ebs?.DeleteOnTermination ?? image.deleteOnTermination,
  });
}

function readMetadataOptions({ MetadataOptions = {} }: RunInstancesRequest): InstanceRecord['metadataOptions'] {
  return {
    httpEndpoint: MetadataOptions.HttpEndpoint ?? 'enabled',
    httpTokens: MetadataOptions.HttpTokens ?? 'optional',
    hopLimit: MetadataOptions.HttpPutResponseHopLimit ?? 1,
  };
}

/** EC2 accepts a launch and says later that it failed; so the reason is in DescribeInstances, where Packer prints it. */
async function launchOrFail(context: RequestContext, instance: InstanceRecord): Promise<void> {
  const kmsKeyId = context.world.volumes.find(instance.volumeId)?.kmsKeyId;
  if (kmsKeyId !== undefined && findEncryptionKey(context, kmsKeyId) === undefined) {
    const code = 'Client.InternalError';
    markTerminated(context, instance.id, { code, message: `${code}: Client error on launch` });
    return;
  }
  if (context.delays.runningMs === 0) await powerOn(context, instance);
  else context.runJob(`launch ${instance.id}`, () => powerOnLater(context, instance));
}

async function powerOnLater(context: RequestContext, instance: InstanceRecord): Promise<void> {
  if (!(await waitForHost(context, instance.id))) return;
  await powerOn(context, instance);
  await context.world.commit();
}

async function powerOn(context: RequestContext, instance: InstanceRecord): Promise<void> {
  try {
    await launchMachine(context, instance);
  } catch (error) {
    const message = `Server.InternalError: ${error instanceof Error ? error.message : String(error)}`;
    context.log(`launch of ${instance.id} failed: ${message}`);
    markTerminated(context, instance.id, { code: 'Server.InternalError', message });
  }
}

function findInstances({ world }: RequestContext, ids: readonly string[]): readonly InstanceRecord[] {
  return ids.map((id) => world.instances.find(id)).filter((instance) => instance !== undefined);
}
