// The template that `build` renders, for the real packer over machines that are not there: no communicator, no provisioners.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImagePlan } from '../../src/plan/image-plan.js';
import { renderPackerJson } from '../../src/render/packer/legacy-json.js';

interface LegacyTemplate {
  readonly variables: object;
  readonly builders: readonly object[];
}

/** Writes the template of a plan into `folder`, which is made, and gives its file. */
export function writeGuestlessTemplate(plan: ImagePlan, folder: string): string {
  const [rendered] = renderPackerJson(plan);
  if (rendered === undefined || !('text' in rendered.content)) throw new Error('No template was rendered');
  const { builders, variables } = JSON.parse(rendered.content.text) as LegacyTemplate;
  const file = join(folder, 'template.json');
  mkdirSync(folder, { recursive: true });
  const guestless = builders.map((builder) => ({ ...builder, communicator: 'none' }));
  writeFileSync(file, JSON.stringify({ variables, builders: guestless }));
  return file;
}
