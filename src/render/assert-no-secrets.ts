import { createError } from '../errors.js';
import type { ImagePlan } from '../plan/image-plan.js';

/** For targets that have no variables for secrets: scripts in an archive hold what they use. Throws RENDER_SECRET. */
export function assertNoSecrets({ image, secrets }: ImagePlan, target: string): void {
  if (secrets.length === 0) return;
  const uses = secrets.map(({ variable, where }) => `${variable} (${where.join(', ')})`).join(', ');
  throw createError('RENDER_SECRET', [image, target, uses]);
}
