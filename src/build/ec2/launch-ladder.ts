import type { InstanceControl, LaunchOrder } from '../../aws/ec2-ports.js';
import type { BuilderConfig } from '../../config/resolved-config.js';
import { BuildimgError, createError } from '../../errors.js';
import type { BuildContext } from '../context.js';

/** One combination of what EC2 may have capacity for. */
export interface Rung {
  /** From 0. */
  readonly rung: number;
  readonly instanceType: string;
  readonly subnetId: string | undefined;
  readonly isSpot: boolean;
}

export interface LadderScope {
  readonly instances: InstanceControl;
  readonly context: BuildContext;
  readonly signal: AbortSignal;
  /** False: on demand, whatever the config says. */
  readonly isSpotAllowed: boolean;
  /** What to launch on a rung; called right before it is asked for. */
  readonly order: (rung: Rung) => LaunchOrder;
}

/**
 * Launches on the first type and zone that has capacity, spot before on demand, and gives the instance's id.
 * Errors: EC2_NO_CAPACITY with every rung that was tried.
 */
export async function launchOnLadder(builder: BuilderConfig, scope: LadderScope): Promise<string> {
  const refusals: string[] = [];
  for (const rung of listRungs(builder, scope)) {
    scope.signal.throwIfAborted();
    try {
      return await scope.instances.launch(scope.order(rung));
    } catch (error) {
      if (!(error instanceof BuildimgError && error.code === 'EC2_NO_CAPACITY')) throw error;
      refusals.push(error.message.replace(/^.*?: /, ''));
      scope.context.emit('warning.raised', { message: error.message });
    }
  }
  throw createError('EC2_NO_CAPACITY', [refusals.join('; ')]);
}

function listRungs(builder: BuilderConfig, { isSpotAllowed }: LadderScope): readonly Rung[] {
  const types = [builder.instanceType, ...(builder.fallbackInstanceTypes ?? [])];
  const subnets = builder.subnetIds ?? [builder.subnetId];
  const markets = builder.spot === true && isSpotAllowed ? [true, false] : [false];
  return markets
    .flatMap((isSpot) =>
      types.flatMap((instanceType) => subnets.map((subnetId) => ({ instanceType, subnetId, isSpot }))),
    )
    .map((place, rung) => ({ rung, ...place }));
}
