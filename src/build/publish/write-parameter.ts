import type { ParameterView } from '../../aws/distribution-ports.js';
import { awsErrorCode } from '../../aws/translate-error.js';
import { waitUntil } from '../../aws/wait-until.js';
import { BuildimgError, createError } from '../../errors.js';
import { findPublicationStep, type PublicationStep } from '../../plan/publication-plan.js';
import { inEachRegion } from './in-each-region.js';
import { intendPublicly, openRegion, type PublishScope, type RegionImage } from './publish-scope.js';

type ParameterStep = Extract<PublicationStep, { readonly kind: 'ssm-parameter' }>;

const READ_BACK_LIMIT_MS = 120_000;
/** SSM looks at the image after it has answered, and then writes the value or does not. */
const SIGHTINGS = 2;

/**
 * Writes the id of the image into a parameter of each region, and reads it back.
 * Errors: PARAMETER_NOT_WRITTEN when SSM took the value and threw it away.
 */
export async function writeParameter(step: ParameterStep, scope: PublishScope): Promise<void> {
  const written = await inEachRegion(scope.ledger.images, scope.signal, async (place, signal) => {
    await ensureParameter(step, place, { ...scope, signal });
    return { region: place.region, name: step.name, imageId: place.image.id };
  });
  scope.ledger.parameters.push(...written);
}

async function ensureParameter(step: ParameterStep, place: RegionImage, scope: PublishScope): Promise<void> {
  const { region, image } = place;
  const { parameters } = openRegion(scope, region);
  const before = await parameters.findParameter(step.name);
  if (before?.value === image.id) return;
  if (step.role === 'versioned' && before !== undefined) {
    const message = `${step.name} in ${region} was ${before.value} and becomes ${image.id}: this version was built before`;
    scope.context.emit('warning.raised', { message });
  }
  const { name } = step;
  const intention = { operation: 'put-parameter', region, parameter: name, imageId: image.id } as const;
  await intendPublicly(scope, intention, `${name} in ${region} is ${image.id}`);
  await putParameter(step, place, { scope, before });
  await readBack(step, place, scope);
}

async function putParameter(
  { name }: ParameterStep,
  { region, image }: RegionImage,
  { scope, before }: { readonly scope: PublishScope; readonly before: ParameterView | undefined },
): Promise<void> {
  const { plan } = scope;
  const { parameters } = openRegion(scope, region);
  const order = {
    name,
    imageId: image.id,
    description: `AMI of ${plan.image} ${plan.version}`,
    tags: { 'buildimg:image': plan.image, ...findPublicationStep(plan.publication, 'tag')?.tags },
  };
  try {
    await parameters.putImageParameter({ ...order, isReplacing: before !== undefined });
  } catch (error) {
    // The SDK sends a request again whose reply was lost, and then this is the answer to its own first one.
    if (before !== undefined || awsErrorCode(error) !== 'ParameterAlreadyExists') throw error;
    await parameters.putImageParameter({ ...order, isReplacing: true });
  }
}

async function readBack({ name }: ParameterStep, { region, image }: RegionImage, scope: PublishScope): Promise<void> {
  const { parameters } = openRegion(scope, region);
  let actual = 'does not exist';
  try {
    await waitUntil({
      what: `parameter ${name} in ${region}`,
      limitMs: READ_BACK_LIMIT_MS,
      sightings: SIGHTINGS,
      clock: scope.context.clock,
      signal: scope.signal,
      async check() {
        const now = await parameters.findParameter(name);
        actual = now === undefined ? 'does not exist' : `is ${now.value}`;
        return now?.value === image.id ? true : undefined;
      },
    });
  } catch (error) {
    if (!(error instanceof BuildimgError && error.code === 'WAIT_TIMED_OUT')) throw error;
    throw createError('PARAMETER_NOT_WRITTEN', [name, region, image.id, actual], { cause: error });
  }
}
