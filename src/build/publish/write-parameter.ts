import { findPublicationStep, type PublicationStep } from '../../plan/publication-plan.js';
import { inEachRegion } from './in-each-region.js';
import { intendPublicly, openRegion, type PublishScope, type RegionImage } from './publish-scope.js';
import { setParameter } from './set-parameter.js';

type ParameterStep = Extract<PublicationStep, { readonly kind: 'ssm-parameter' }>;

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
  const { plan, context, signal } = scope;
  const order = {
    name,
    imageId: image.id,
    description: `AMI of ${plan.image} ${plan.version}`,
    tags: { 'buildimg:image': plan.image, ...findPublicationStep(plan.publication, 'tag')?.tags },
  };
  await setParameter(order, { parameters, region, before, clock: context.clock, signal });
}
