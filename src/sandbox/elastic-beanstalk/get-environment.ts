import { AwsError } from '../wire/aws-error.js';
import type { EnvironmentRecord } from '../world/service-records.js';
import type { RequestContext } from '../world/services.js';

interface EnvironmentReference {
  readonly EnvironmentId?: string | undefined;
  readonly EnvironmentName?: string | undefined;
}

/** A living environment by its id or its name. Throws AwsError InvalidParameterValue. */
export function getEnvironment(context: RequestContext, reference: EnvironmentReference): EnvironmentRecord {
  const { EnvironmentId: id, EnvironmentName: name } = reference;
  const found = listLiving(context).find((each) => (id === undefined ? each.name === name : each.id === id));
  if (found !== undefined) return found;
  throw new AwsError(
    'InvalidParameterValue',
    id === undefined
      ? `No Environment found for EnvironmentName = '${name}'.`
      : `No Environment found for EnvironmentId = '${id}'.`,
  );
}

/** Environments of the region that are not terminated. */
export function listLiving({ world, region }: RequestContext): readonly EnvironmentRecord[] {
  return world.environments
    .list()
    .filter((environment) => environment.region === region && environment.status !== 'Terminated');
}
