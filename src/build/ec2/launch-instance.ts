import { createHash } from 'node:crypto';
import type { InstanceControl, LaunchOrder } from '../../aws/ec2-ports.js';
import type { ImagePlan } from '../../plan/image-plan.js';
import type { LaunchAccess } from '../../plugins/types.js';
import type { BuildContext } from '../context.js';
import { expiryHoursOf } from '../expiry.js';
import type { Run } from '../run.js';
import { tagInstance } from './instance-tags.js';
import { launchOnLadder, type Rung } from './launch-ladder.js';
import { renderUserData } from './user-data.js';

export interface LaunchScope {
  readonly instances: InstanceControl;
  readonly run: Run;
  readonly access: LaunchAccess;
  /** How many instances of this run have come and gone before; each gets tokens of its own. */
  readonly attempt: number;
  readonly context: BuildContext;
  readonly signal: AbortSignal;
}

/**
 * Launches the build instance: the first type and zone of the ladder that has capacity, spot before on demand.
 * Errors: EC2_NO_CAPACITY with every rung that was tried.
 */
export async function launchInstance(plan: ImagePlan, scope: LaunchScope): Promise<string> {
  const { instances, context, signal, run, attempt } = scope;
  const id = await launchOnLadder(plan.builder, {
    // A spot instance that was taken away would be again.
    isSpotAllowed: attempt === 0,
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
  const { run, attempt, access } = scope;
  if (source.kind !== 'ami') throw new Error('A build starts from an image that was looked up');
  const { instanceType, subnetId, isSpot, rung } = place;
  const rootVolume = describeRootVolume(plan);
  const securityGroupIds = access.securityGroupIds ?? builder.securityGroupIds;
  return {
    // The same token after the instance has ended would give the dead one, hence the attempt.
    clientToken: createHash('sha256').update(`${run.id}|${attempt}|${rung}`).digest('hex').slice(0, 60),
    imageId: source.id,
    instanceType,
    isSpot,
    ...(access.instanceProfile === undefined ? {} : { instanceProfile: access.instanceProfile }),
    ...(subnetId === undefined ? {} : { subnetId }),
    ...(securityGroupIds === undefined ? {} : { securityGroupIds }),
    ...(builder.associatePublicIpAddress === undefined
      ? {}
      : { associatePublicIpAddress: builder.associatePublicIpAddress }),
    ...(rootVolume === undefined ? {} : { rootVolume }),
    userData: renderUserData({
      expiryHours: expiryHoursOf(plan),
      ...(plan.userData === undefined ? {} : { userData: plan.userData }),
      ...(access.authorizedKey === undefined ? {} : { authorizedKey: access.authorizedKey }),
    }),
    tags: tagInstance(plan, run),
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
