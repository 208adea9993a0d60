import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../wire/aws-error.js';

type MarketRequest = Pick<RunInstancesRequest, 'InstanceMarketOptions'>;

/** Whether a launch is for a spot instance; there is always capacity, unless the fault plan says otherwise. */
export function isSpot({ InstanceMarketOptions }: MarketRequest): boolean {
  return InstanceMarketOptions?.MarketType === 'spot';
}

/**
 * Checks what a launch says of its market: spot instances here are one-time requests that end when interrupted.
 *
 * @throws AwsError InvalidParameterValue, InvalidParameterCombination, UnsupportedOperation
 */
export function assertMarket({ InstanceMarketOptions: market }: MarketRequest): void {
  if (market === undefined) return;
  const { MarketType: type, SpotOptions: spot = {} } = market;
  if (type !== 'spot') throw new AwsError('MissingParameter', 'InstanceMarketOptions must have the MarketType spot');
  if (spot.MaxPrice !== undefined && !(Number(spot.MaxPrice) > 0)) {
    throw new AwsError('InvalidParameterValue', `${spot.MaxPrice} is not a valid price.`);
  }
  const behavior = spot.InstanceInterruptionBehavior ?? 'terminate';
  if (behavior === 'terminate') return;
  throw new AwsError(
    'InvalidParameterCombination',
    `The interruption behavior ${behavior} is not supported for one-time requests`,
  );
}
