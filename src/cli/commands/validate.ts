import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemplateProblems } from '../../build/find-template-problems.js';
import { gatherPlanFacts } from '../../build/gather-plan-facts.js';
import { loadTextTemplates } from '../../build/load-templates.js';
import { writeRendered } from '../../build/write-rendered.js';
import { ConfigInvalidError } from '../../config/config-invalid-error.js';
import { findScriptProblems } from '../../config/scripts/find-script-problems.js';
import { ExitCode } from '../../errors.js';
import { findPacker } from '../../packer/find-packer.js';
import { validateTemplate } from '../../packer/validate-template.js';
import type { ImagePlan } from '../../plan/image-plan.js';
import { planImage } from '../../plan/plan-image.js';
import { renderImage } from '../../render/render-image.js';
import type { RenderedFile } from '../../render/rendered-file.js';
import type { CliContext } from '../cli-context.js';
import { loadImages } from '../load-images.js';
import { showPlatformWarnings } from '../show-platform-warnings.js';

export interface ValidateOptions {
  /** Also ask `packer validate`: true, or the path of the program. */
  readonly packer?: string | true;
  readonly var: Readonly<Record<string, string>>;
}

/** Checks everything that can be checked without AWS: schema, rules, files, the syntax of scripts, templates. */
export async function validate(options: ValidateOptions, cli: CliContext): Promise<ExitCode> {
  const { config, images } = await loadImages(cli, { names: [], variables: options.var });
  const problems = [...(await findScriptProblems(config)), ...(await findTemplateProblems(config.root))];
  if (problems.length > 0) throw new ConfigInvalidError(config.file, problems);
  const facts = await gatherPlanFacts(config, new AbortController().signal);
  const templates = await loadTextTemplates(config.root);
  const rendered = images.map((image) => {
    const plan = planImage(image, facts);
    return { name: image.name, files: renderImage(plan, 'packer-json', templates), secrets: plan.secrets };
  });
  showPlatformWarnings(images, cli);
  if (options.packer !== undefined) {
    await validateWithPacker(rendered, options.packer, cli);
  }
  cli.output.answer(`${config.file}: ${images.length === 1 ? '1 image is' : `${images.length} images are`} valid`);
  return ExitCode.done;
}

interface RenderedImage {
  readonly name: string;
  readonly files: readonly RenderedFile[];
  readonly secrets: ImagePlan['secrets'];
}

async function validateWithPacker(
  rendered: readonly RenderedImage[],
  wanted: string | true,
  { environment }: CliContext,
): Promise<void> {
  const packer = await findPacker({ environment, ...(wanted === true ? {} : { packerPath: wanted }) });
  const outDir = await mkdtemp(join(tmpdir(), 'buildimg-validate-'));
  try {
    for (const { name, files, secrets } of rendered) {
      await validateTemplate({
        packer,
        image: name,
        directory: writeRendered({ outDir, name, files }),
        template: 'template.json',
        // Values of the right shape: what a build would give is known only when it builds.
        variables: { ...Object.fromEntries(secrets.map(({ variable }) => [variable, 'sample'])), ...SAMPLE_VARIABLES },
        environment,
        signal: new AbortController().signal,
      });
    }
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}

const SAMPLE_VARIABLES = {
  run_id: 'r-validate',
  ssh_source_cidr: '192.0.2.1/32',
  source_ami: 'ami-00000000000000000',
};
