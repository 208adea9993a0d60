import { createHash } from 'node:crypto';
import type { InstanceControl, LaunchOrder } from '../../aws/ec2-ports.js';
import { RUN_TAG } from '../../aws/ports.js';
import type { ImagePlan } from '../../plan/image-plan.js';
import type { BuildContext } from '../context.js';
import type { Run } from '../run.js';
import { launchOnLadder, type Rung } from './launch-ladder.js';

export interface LaunchScope {
  readonly instances: InstanceControl;
  readonly run: Run;
  readonly instanceProfile: string;
  /** How many instances of this run have come and gone before; each gets tokens of its own. */
  readonly attempt: number;
  readonly context: BuildContext;
  readonly signal: AbortSignal;
}

const DEFAULT_EXPIRY_HOURS = 12;

/**
 * Launches the build instance: the first type and zone of the ladder that has capacity, spot before on demand.
 * Errors: EC2_NO_CAPACITY with every rung that was tried.
 */
export async function launchInstance(plan: ImagePlan, scope: LaunchScope): Promise<string> {
  const { instances, context, signal, run, attempt } = scope;
  const id = await launchOnLadder(plan.builder, {
    instances,
    context,
    signal,
    order(rung) {
      const order = describeOrder(plan, rung, scope);
      run.intend({ operation: 'run-instances', amiName: plan.amiName, token: order.clientToken, attempt });
      return order;
    },
  });
  run.learn('instance', id);
  return id;
}

function describeOrder(plan: ImagePlan, place: Rung, scope: LaunchScope): LaunchOrder {
  const { builder, source } = plan;
  const { run, attempt, instanceProfile } = scope;
  if (source.kind !== 'ami') throw new Error('A build starts from an image that was looked up');
  const hours = builder.expiresAfterHours ?? DEFAULT_EXPIRY_HOURS;
  const { instanceType, subnetId, isSpot, rung } = place;
  const rootVolume = describeRootVolume(plan);
  return {
    // The same token after the instance has ended would give the dead one, hence the attempt.
    clientToken: createHash('sha256').update(`${run.id}|${attempt}|${rung}`).digest('hex').slice(0, 60),
    imageId: source.id,
    instanceType,
    isSpot,
    instanceProfile,
    ...(subnetId === undefined ? {} : { subnetId }),
    ...(builder.securityGroupIds === undefined ? {} : { securityGroupIds: builder.securityGroupIds }),
    ...(builder.associatePublicIpAddress === undefined
      ? {}
      : { associatePublicIpAddress: builder.associatePublicIpAddress }),
    ...(rootVolume === undefined ? {} : { rootVolume }),
    userData: renderExpiry(hours),
    tags: {
      Name: `buildimg ${plan.image}`,
      'buildimg:image': plan.image,
      'buildimg:expires': new Date(run.startedAt + hours * 3_600_000).toISOString(),
      [RUN_TAG]: run.id,
    },
  };
}

function describeRootVolume({ builder, encrypt, kmsKeyId, source }: ImagePlan): LaunchOrder['rootVolume'] {
  const { sizeGib, type } = builder.rootVolume ?? {};
  if (sizeGib === undefined && type === undefined && !encrypt) return undefined;
  return {
    deviceName: source.rootDeviceName ?? '/dev/xvda',
    ...(sizeGib === undefined ? {} : { sizeGib }),
    ...(type === undefined ? {} : { type }),
    ...(encrypt ? { encrypted: true } : {}),
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
  };
}

/** The instance ends itself when nobody comes back for it: it shuts down, and that terminates it. The unit is in /run. */
export function renderExpiry(hours: number): string {
  return `#!/bin/sh
systemd-run --quiet --unit=buildimg-expiry --on-active=${hours * 3600} systemctl poweroff
`;
}
