import { isDeepStrictEqual } from 'node:util';
import type { BuildContext } from '../context.js';
import { listRuns, type RunReport } from '../read-runs.js';
import type { Registration } from './registration.js';

export interface RegistrationPlace {
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly account: string;
}

/**
 * The run that was killed while it did just this: then the same command goes on with it. Undefined when there is none,
 * or when anything was asked differently.
 */
export async function findKilledRun(
  registration: Registration,
  { region, endpoint, account }: RegistrationPlace,
  { environment }: Pick<BuildContext, 'environment'>,
): Promise<RunReport | undefined> {
  const runs = await listRuns(environment);
  return runs.find(
    (run) =>
      run.state === 'dead' &&
      run.damagedLines.length === 0 &&
      run.region === region &&
      run.endpoint === endpoint &&
      run.account === account &&
      isDeepStrictEqual(run.registration, asWritten(registration)),
  );
}

/** As the journal gives it back: without what is undefined. */
function asWritten(registration: Registration): unknown {
  return JSON.parse(JSON.stringify(registration));
}
