import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type _InstanceType, CreateKeyPairCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { ensurePrivateFolder } from '../../private-folder.js';
import type { InstanceRecord } from '../world/records.js';
import type { EnvironmentRecord } from '../world/service-records.js';
import type { SandboxServices } from '../world/services.js';
import { LAUNCH_CONFIGURATION } from './option-settings.js';

// Emulated machines take half a minute to boot, and several on a busy host.
const LAUNCH_LIMIT_MS = 15 * 60_000;
const DEFAULT_TYPE = 't3.small';

/** A client of the sandbox itself. */
export function createOwnClient(services: SandboxServices, region: string): EC2Client {
  const { endpoint, credentials } = services.describe();
  return new EC2Client({ endpoint, credentials, region });
}

const ENVIRONMENT_TAG = 'elasticbeanstalk:environment-id';

/** What was launched for an environment and is not terminated, whether or not the environment's record names it yet. */
export function listEnvironmentInstances({ world }: SandboxServices, id: string): readonly InstanceRecord[] {
  return world.instances.list().filter(({ tags, state }) => tags[ENVIRONMENT_TAG] === id && state !== 'terminated');
}

/** Launches the one instance of an environment, with a key of its own, and waits until it runs; says what happens to it meanwhile. */
export async function launchInstance(
  services: SandboxServices,
  environment: EnvironmentRecord,
  onNotice: (text: string) => void,
): Promise<InstanceRecord> {
  const { id, name, region } = environment;
  const imageId =
    findLaunchOption(environment, 'ImageId') ?? services.world.platformVersions.find(environment.platformArn)?.imageId;
  if (imageId === undefined) throw new Error(`Platform ${environment.platformArn} has no image.`);
  const ec2 = createOwnClient(services, region);
  try {
    const { KeyMaterial = '' } = await ec2.send(new CreateKeyPairCommand({ KeyName: id, KeyType: 'ed25519' }));
    ensurePrivateFolder(services.paths.keysDir);
    await writeFile(join(services.paths.keysDir, `${id}.key`), KeyMaterial, { mode: 0o600 });
    const { Instances: [started] = [] } = await ec2.send(
      new RunInstancesCommand({
        ImageId: imageId,
        InstanceType: (findLaunchOption(environment, 'InstanceType') ?? DEFAULT_TYPE) as _InstanceType,
        KeyName: id,
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: [
          {
            ResourceType: 'instance',
            Tags: Object.entries({
              Name: name,
              ...environment.tags,
              'elasticbeanstalk:environment-name': name,
              [ENVIRONMENT_TAG]: id,
            }).map(([Key, Value]) => ({ Key, Value })),
          },
        ],
      }),
    );
    return await waitUntilRunning(services, started?.InstanceId ?? '', onNotice);
  } finally {
    ec2.destroy();
  }
}

function findLaunchOption(
  { optionSettings }: EnvironmentRecord,
  option: 'ImageId' | 'InstanceType',
): string | undefined {
  return optionSettings.find(({ namespace, name }) => namespace === LAUNCH_CONFIGURATION && name === option)?.value;
}

async function waitUntilRunning(
  { world, clock, signal }: SandboxServices,
  instanceId: string,
  onNotice: (text: string) => void,
): Promise<InstanceRecord> {
  const deadline = clock.now().getTime() + LAUNCH_LIMIT_MS;
  let lastNotice: string | undefined;
  for (;;) {
    const instance = world.instances.find(instanceId);
    if (instance?.notice !== undefined && instance.notice !== lastNotice) onNotice(instance.notice);
    lastNotice = instance?.notice;
    if (instance?.state === 'running') return instance;
    if (instance?.state !== 'pending') {
      throw new Error(`Instance ${instanceId} did not launch: ${instance?.stateReason?.message ?? 'it is gone'}`);
    }
    signal.throwIfAborted();
    const left = deadline - clock.now().getTime();
    if (left <= 0) throw new Error(`Instance ${instanceId} did not run within ${LAUNCH_LIMIT_MS / 60_000} minutes.`);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(left)]);
    await world.waitForChange(limit);
  }
}
