import { resolve } from 'node:path';
import { gatherPlanFacts } from '../../build/gather-plan-facts.js';
import { loadTextTemplates } from '../../build/load-templates.js';
import { findLocked, readPlatformLock } from '../../build/platform-lock.js';
import { writeRendered } from '../../build/write-rendered.js';
import { zipRendered } from '../../build/zip-rendered.js';
import type { ResolvedImage } from '../../config/resolved-config.js';
import { createError, ExitCode } from '../../errors.js';
import type { PlanFacts } from '../../plan/image-plan.js';
import { planBeanstalk } from '../../plan/plan-beanstalk.js';
import { planImage } from '../../plan/plan-image.js';
import { planPlatform } from '../../plan/plan-platform.js';
import { renderEbAmi } from '../../render/eb-ami.js';
import { renderEbPlatform } from '../../render/eb-platform.js';
import type { PackerTarget } from '../../render/readme.js';
import { renderImage } from '../../render/render-image.js';
import type { RenderedFile } from '../../render/rendered-file.js';
import type { TextTemplates } from '../../render/text-template.js';
import type { CliContext } from '../cli-context.js';
import { loadImages } from '../load-images.js';
import { showPlatformWarnings } from '../show-platform-warnings.js';

export type RenderTarget = PackerTarget | 'eb-platform' | 'eb-ami';

export interface RenderOptions {
  readonly out: string;
  readonly target: RenderTarget;
  /** Beside each folder of a platform its archive, as Elastic Beanstalk takes it. */
  readonly zip?: boolean;
  readonly var: Readonly<Record<string, string>>;
}

/** Writes a folder for each image, in which `packer build` works by hand. Asks nobody: no AWS call is made. */
export async function render(names: readonly string[], options: RenderOptions, cli: CliContext): Promise<ExitCode> {
  const { target, zip = false } = options;
  if (zip && target !== 'eb-platform') throw createError('USAGE', ['--zip goes with --target eb-platform']);
  const loaded = await loadImages(cli, { names, variables: options.var, withoutSecrets: true });
  const images = names.length === 0 ? loaded.images.filter((image) => isMeant(image, target)) : loaded.images;
  if (images.length === 0) {
    const all = loaded.images.map(({ name }) => name).join(', ');
    throw createError(target === 'eb-ami' ? 'BEANSTALK_MISSING' : 'PLATFORM_MISSING', [all]);
  }
  const lock = await readPlatformLock(loaded.config.root);
  const facts = await gatherPlanFacts({ ...loaded.config, images }, new AbortController().signal);
  const templates = await loadTextTemplates(loaded.config.root);
  const outDir = resolve(cli.currentDirectory, options.out);
  const copies = new Map<string, string>();
  if (target === 'eb-platform' || target === 'eb-ami') showPlatformWarnings(images, cli);
  for (const image of images) {
    const sourceImage = findLocked(lock, image);
    const files = renderFiles(image, { target, facts: { ...facts, ...(sourceImage && { sourceImage }) }, templates });
    cli.output.answer(writeRendered({ outDir, name: image.name, files, copies }));
    if (zip) cli.output.answer(await zipRendered({ outDir, name: image.name, files }));
  }
  return ExitCode.done;
}

/** Without names, a target for platforms means the images that describe one. */
function isMeant(image: ResolvedImage, target: RenderTarget): boolean {
  if (target === 'eb-ami') return image.beanstalk !== undefined;
  return target !== 'eb-platform' || image.platform !== undefined;
}

interface Rendering {
  readonly target: RenderTarget;
  readonly facts: PlanFacts;
  readonly templates: TextTemplates;
}

function renderFiles(image: ResolvedImage, { target, facts, templates }: Rendering): readonly RenderedFile[] {
  const plan = planImage(image, facts);
  if (target === 'eb-platform') return renderEbPlatform(plan, planPlatform(image, facts), templates);
  if (target === 'eb-ami') {
    const branch = image.source.kind === 'platform-branch' ? { branch: image.source.branch } : {};
    return renderEbAmi({ plan, beanstalk: planBeanstalk(image, facts), ...branch }, templates);
  }
  return renderImage(plan, target, templates);
}
