import type { ParameterOrder, ParameterStore, ParameterView } from '../../aws/distribution-ports.js';
import { awsErrorCode } from '../../aws/translate-error.js';
import { waitUntil } from '../../aws/wait-until.js';
import type { Clock } from '../../clock.js';
import { BuildimgError, createError } from '../../errors.js';

export interface SetParameterScope {
  readonly parameters: ParameterStore;
  readonly region: string;
  /** What the parameter was. */
  readonly before: ParameterView | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const READ_BACK_LIMIT_MS = 120_000;
/** SSM looks at the image after it has answered, and then writes the value or does not. */
const SIGHTINGS = 2;

/**
 * Points a parameter at an image, and reads it back.
 * Errors: PARAMETER_NOT_WRITTEN when SSM took the value and threw it away.
 */
export async function setParameter(
  order: Omit<ParameterOrder, 'isReplacing'>,
  scope: SetParameterScope,
): Promise<ParameterView> {
  await putParameter(order, scope);
  return await readBack(order, scope);
}

async function putParameter(
  order: Omit<ParameterOrder, 'isReplacing'>,
  { parameters, before }: SetParameterScope,
): Promise<void> {
  try {
    await parameters.putImageParameter({ ...order, isReplacing: before !== undefined });
  } catch (error) {
    // The SDK sends a request again whose reply was lost, and then this is the answer to its own first one.
    if (before !== undefined || awsErrorCode(error) !== 'ParameterAlreadyExists') throw error;
    await parameters.putImageParameter({ ...order, isReplacing: true });
  }
}

async function readBack(
  { name, imageId }: Pick<ParameterOrder, 'name' | 'imageId'>,
  { parameters, region, clock, signal }: SetParameterScope,
): Promise<ParameterView> {
  let actual = 'does not exist';
  try {
    return await waitUntil({
      what: `parameter ${name} in ${region}`,
      limitMs: READ_BACK_LIMIT_MS,
      sightings: SIGHTINGS,
      clock,
      signal,
      async check() {
        const now = await parameters.findParameter(name);
        actual = now === undefined ? 'does not exist' : `is ${now.value}`;
        return now?.value === imageId ? now : undefined;
      },
    });
  } catch (error) {
    if (!(error instanceof BuildimgError && error.code === 'WAIT_TIMED_OUT')) throw error;
    throw createError('PARAMETER_NOT_WRITTEN', [name, region, imageId, actual], { cause: error });
  }
}
