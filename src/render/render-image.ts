import type { ImagePlan } from '../plan/image-plan.js';
import { copyTemplate } from './copy-template.js';
import { COLLECT_SCRIPT } from './packer/capture-gate.js';
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

/**
 * The files of `buildimg build`: legacy JSON, which every Packer reads, with markers: see packer/step-markers.ts. With
 * `isGated` packer waits for an answer before it seals: see packer/capture-gate.ts. Pure.
 */
export function renderForBuild(
  plan: ImagePlan,
  { templates, isGated }: { readonly templates: TextTemplates; readonly isGated: boolean },
): readonly RenderedFile[] {
  const told = renderPackerJson(plan, { isForBuild: true, isGated });
  const others = renderImage(plan, 'packer-json', templates).filter(
    ({ path }) => !told.some((each) => each.path === path),
  );
  const collector = isGated ? [copyTemplate(COLLECT_SCRIPT, 'collect-tree.sh', templates)] : [];
  return [...told, ...others, ...collector].sort((a, b) => (a.path < b.path ? -1 : 1));
}
