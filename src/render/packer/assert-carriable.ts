import { createError } from '../../errors.js';
import type { ImagePlan } from '../../plan/image-plan.js';

/**
 * Packer renders tags and the description "until all variables are done" (packer-plugin-sdk, interpolate.Render), so an
 * escaped `{{` is run as a template in the second round. There is no way to write one.
 * Throws PACKER_TEMPLATE_IN_TEXT with the config key that holds it.
 */
export function assertCarriable({ amiDescription, tags }: ImagePlan): void {
  const fields = [
    ['ami.description', amiDescription],
    ...Object.entries(tags).map(([key, value]) => [`ami.tags[${JSON.stringify(key)}]`, `${key}\n${value}`] as const),
  ] as const;
  const field = fields.find(([, text]) => text.includes('{{'));
  if (field !== undefined) throw createError('PACKER_TEMPLATE_IN_TEXT', [field[0]]);
}

/**
 * Packer also runs the values of a legacy template's variables as templates, and hands the outcome to its plugins as one
 * more template to read: nothing with `{{` comes through. Throws PACKER_TEMPLATE_IN_TEXT with the place of the secret.
 */
export function assertSecretsCarriable({ secrets }: ImagePlan): void {
  const secret = secrets.find(({ value }) => value.includes('{{'));
  if (secret !== undefined) throw createError('PACKER_TEMPLATE_IN_TEXT', [secret.where.join(', ')]);
}
