import type { AwsAccess } from '../../aws/create-aws-access.js';
import { RUN_TAG } from '../../aws/ports.js';
import { waitUntil } from '../../aws/wait-until.js';
import type { Clock } from '../../clock.js';
import { createError } from '../../errors.js';
import type { ImagePlan } from '../../plan/image-plan.js';
import { createOnce, findOwnImage } from '../own-image.js';
import type { Run } from '../run.js';

export interface CaptureScope {
  readonly aws: Pick<AwsAccess, 'catalog' | 'instances' | 'resources'>;
  readonly instanceId: string;
  readonly run: Run;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const STOP_LIMIT_MS = 600_000;
/** Hours for large volumes: EC2 copies the first snapshot of a volume whole. */
const IMAGE_LIMIT_MS = 6 * 3_600_000;
const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 500;

/** Stops the instance and waits for it: an image of a stopped instance is whole. Errors: EC2_INSTANCE_LOST. */
export async function stopInstance({ aws, instanceId, clock, signal }: CaptureScope): Promise<void> {
  const instance = await aws.instances.findInstance(instanceId);
  if (instance?.state !== 'stopped' && instance?.state !== 'stopping') await aws.instances.stop(instanceId);
  await waitUntil({
    what: `${instanceId} to stop`,
    limitMs: STOP_LIMIT_MS,
    firstDelayMs: FIRST_DELAY_MS,
    longestDelayMs: LONGEST_DELAY_MS,
    clock,
    signal,
    async check() {
      const { state = 'gone', reason = '' } = (await aws.instances.findInstance(instanceId)) ?? {};
      if (state === 'terminated' || state === 'shutting-down') {
        throw createError('EC2_INSTANCE_LOST', [instanceId, state, reason]);
      }
      return state === 'stopped' ? true : undefined;
    },
  });
}

/**
 * Registers the image, or takes up the one that this run has registered before: CreateImage has no token, so the name and
 * the tag of the run are what says so. Errors: IMAGE_NAME_TAKEN by another run.
 */
export async function createImage(plan: ImagePlan, scope: CaptureScope): Promise<string> {
  const id = (await findOwnImage(plan.amiName, scope)) ?? (await registerImage(plan, scope));
  scope.run.learn('image', id);
  return id;
}

async function registerImage(plan: ImagePlan, scope: CaptureScope): Promise<string> {
  const { aws, instanceId, run } = scope;
  run.intend({ operation: 'create-image', amiName: plan.amiName });
  return await createOnce(plan.amiName, scope, () =>
    aws.instances.createImage({
      instanceId,
      name: plan.amiName,
      description: plan.amiDescription,
      tags: { ...plan.tags, [RUN_TAG]: run.id },
    }),
  );
}

/** Waits until the image may be launched. Errors: IMAGE_NOT_VERIFIED when EC2 gives it up. */
export async function waitForImage(
  plan: ImagePlan,
  { aws, clock, signal }: Pick<CaptureScope, 'clock' | 'signal'> & { readonly aws: Pick<AwsAccess, 'catalog'> },
): Promise<void> {
  await waitUntil({
    what: `image ${plan.amiName}`,
    limitMs: IMAGE_LIMIT_MS,
    firstDelayMs: FIRST_DELAY_MS,
    longestDelayMs: LONGEST_DELAY_MS,
    clock,
    signal,
    async check() {
      const image = await aws.catalog.findImageByName(plan.amiName);
      if (image?.state === 'failed' || image?.state === 'error') {
        throw createError('IMAGE_NOT_VERIFIED', [plan.amiName, `is ${image.state}`]);
      }
      return image?.state === 'available' ? true : undefined;
    },
  });
}
