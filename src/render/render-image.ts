import type { ImagePlan } from '../plan/image-plan.js';
import { COLLECT_SCRIPT } from './packer/capture-gate.js';
import { renderPackerHcl2 } from './packer/hcl2-json.js';
import { renderPackerJson } from './packer/legacy-json.js';
import { INSTALL_SCRIPT } from './packer/provisioners.js';
import { type PackerTarget, renderReadme } from './readme.js';
import type { RenderedFile } from './rendered-file.js';
import { renderText, type TextTemplates } from './text-template.js';

/** All files of an image's folder, sorted by path. `packer build` works in it without anything else. Pure. */
export function renderImage(plan: ImagePlan, target: PackerTarget, templates: TextTemplates): readonly RenderedFile[] {
  const template = target === 'packer-hcl2' ? renderPackerHcl2(plan) : renderPackerJson(plan);
  const files = [
    ...template,
    renderReadme(plan, target, templates),
    ...renderInstaller(plan, templates),
    ...plan.payload,
  ];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The script that puts uploaded files where they belong, as root; Packer itself can only write as the login user. */
function renderInstaller(plan: ImagePlan, templates: TextTemplates): readonly RenderedFile[] {
  if (!plan.steps.some((step) => step.kind === 'upload')) return [];
  return [{ path: INSTALL_SCRIPT, mode: 0o755, content: { text: renderText(templates, 'install-upload.sh.hbs', {}) } }];
}

/**
 * The files of `buildimg build`: legacy JSON, which every Packer reads. With `isGated` packer waits for an answer before it
 * seals: see packer/capture-gate.ts. Pure.
 */
export function renderForBuild(
  plan: ImagePlan,
  { templates, isGated }: { readonly templates: TextTemplates; readonly isGated: boolean },
): readonly RenderedFile[] {
  if (!isGated) return renderImage(plan, 'packer-json', templates);
  const gated = renderPackerJson(plan, { isGated });
  const others = renderImage(plan, 'packer-json', templates).filter(
    ({ path }) => !gated.some((each) => each.path === path),
  );
  const collector = {
    path: COLLECT_SCRIPT,
    mode: 0o755,
    content: { text: renderText(templates, 'collect-tree.sh.hbs', {}) },
  };
  return [...gated, ...others, collector].sort((a, b) => (a.path < b.path ? -1 : 1));
}
