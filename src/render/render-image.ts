import type { ImagePlan } from '../plan/image-plan.js';
import { renderPackerHcl2 } from './packer/hcl2-json.js';
import { renderPackerJson } from './packer/legacy-json.js';
import { type PackerTarget, renderReadme } from './readme.js';
import type { RenderedFile } from './rendered-file.js';
import type { TextTemplates } from './text-template.js';

/** All files of an image's folder, sorted by path. `packer build` works in it without anything else. Pure. */
export function renderImage(plan: ImagePlan, target: PackerTarget, templates: TextTemplates): readonly RenderedFile[] {
  const template = target === 'packer-hcl2' ? renderPackerHcl2(plan) : renderPackerJson(plan);
  const files = [...template, renderReadme(plan, target, templates), ...plan.payload];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
