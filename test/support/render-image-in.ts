import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatherFileFacts } from '../../src/build/gather-facts.js';
import { loadTextTemplates } from '../../src/build/load-templates.js';
import { writeRendered } from '../../src/build/write-rendered.js';
import type { ResolvedImage } from '../../src/config/resolved-config.js';
import type { ImagePlan } from '../../src/plan/image-plan.js';
import { listInputPaths } from '../../src/plan/list-input-paths.js';
import { planImage } from '../../src/plan/plan-image.js';
import { findProvisionersDir } from '../../src/plugins/find-package-folder.js';
import type { PackerTarget } from '../../src/render/readme.js';
import { renderImage } from '../../src/render/render-image.js';

/** Plans `image`, whose files lie below `root`, as a build does offline. */
export async function planImageIn(root: string, image: ResolvedImage): Promise<ImagePlan> {
  const provisionersDir = findProvisionersDir();
  const signal = new AbortController().signal;
  const files = await gatherFileFacts({ paths: listInputPaths(image), root, provisionersDir, signal });
  return planImage(image, { root, provisionersDir, files });
}

/** Renders `plan` below `outDir` and returns the image's folder. */
export async function renderPlanIn(outDir: string, plan: ImagePlan, target: PackerTarget): Promise<string> {
  const templates = await loadTextTemplates(outDir);
  return writeRendered({ outDir, name: plan.image, files: renderImage(plan, target, templates) });
}

/** Writes files below `root`, path → text. */
export function writeFiles(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
