import { resolve } from 'node:path';
import { gatherPlanFacts } from '../../build/gather-plan-facts.js';
import { loadTextTemplates } from '../../build/load-templates.js';
import { writeRendered } from '../../build/write-rendered.js';
import { ExitCode } from '../../errors.js';
import { planImage } from '../../plan/plan-image.js';
import type { PackerTarget } from '../../render/readme.js';
import { renderImage } from '../../render/render-image.js';
import type { CliContext } from '../cli-context.js';
import { loadImages } from '../load-images.js';

export interface RenderOptions {
  readonly out: string;
  readonly target: PackerTarget;
  readonly var: Readonly<Record<string, string>>;
}

/** Writes a folder for each image, in which `packer build` works by hand. Asks nobody: no AWS call is made. */
export async function render(names: readonly string[], options: RenderOptions, cli: CliContext): Promise<ExitCode> {
  const { config, images } = await loadImages(cli, { names, variables: options.var });
  const facts = await gatherPlanFacts({ ...config, images }, new AbortController().signal);
  const templates = await loadTextTemplates(config.root);
  const outDir = resolve(cli.currentDirectory, options.out);
  const copies = new Map<string, string>();
  for (const image of images) {
    const files = renderImage(planImage(image, facts), options.target, templates);
    cli.output.answer(writeRendered({ outDir, name: image.name, files, copies }));
  }
  return ExitCode.done;
}
