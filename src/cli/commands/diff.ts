import type { AwsAccess } from '../../aws/create-aws-access.js';
import { type DiffSide, diffImages } from '../../build/catalogue/diff-images.js';
import { getNamedImage } from '../../build/catalogue/find-named-image.js';
import { readContents } from '../../build/catalogue/read-contents.js';
import type { BuildContext } from '../../build/context.js';
import { readScanTags } from '../../build/scan-tags.js';
import { type PolicyName, policyNames } from '../../config/scan-names.js';
import { createError, ExitCode } from '../../errors.js';
import type { ImageMetadata } from '../../scan/image-metadata.js';
import type { CliContext } from '../cli-context.js';
import { formatDiff } from '../format-diff.js';
import { withRegions } from '../open-regions.js';
import { createPaint } from '../paint.js';
import { showWaiting } from '../show-waiting.js';

export interface DiffOptions {
  readonly region?: string;
  readonly sandbox?: boolean;
  readonly policy?: PolicyName;
  readonly json?: boolean;
}

/** Says what changed from one image to another. Changes nothing. */
export async function diff(before: string, after: string, options: DiffOptions, cli: CliContext): Promise<ExitCode> {
  const { region, sandbox = false } = options;
  return await withRegions({ sandbox, ...(region === undefined ? {} : { region: [region] }) }, cli, async (regions) => {
    const [difference] = await regions.forEach(async ({ aws, context, signal }) => {
      const images = [await getImage(before, aws), await getImage(after, aws)] as const;
      const policy = options.policy ?? choosePolicy(images);
      const read = { aws, context, policy, signal, cli };
      return diffImages(await readSide(images[0], read), await readSide(images[1], read), policy);
    });
    if (difference === undefined) return ExitCode.done;
    const paint = createPaint(cli.output.answers.hasColor);
    cli.output.answer(
      options.json === true ? JSON.stringify(difference, undefined, 2) : formatDiff(difference, paint).join('\n'),
    );
    return ExitCode.done;
  });
}

async function getImage(given: string, aws: AwsAccess): Promise<ImageMetadata> {
  const id = await getNamedImage(given, aws);
  const image = await aws.inspector.describeImage(id);
  if (image === undefined) throw createError('CATALOGUE_IMAGE_NOT_FOUND', [given, aws.region]);
  return image;
}

/** The one that the newer image was held against. */
function choosePolicy(images: readonly [ImageMetadata, ImageMetadata]): PolicyName {
  const tagged = readScanTags(images[1])?.policy;
  return policyNames.find((name) => name === tagged) ?? 'baseline';
}

interface Reading {
  readonly aws: AwsAccess;
  readonly context: BuildContext;
  readonly policy: PolicyName;
  readonly signal: AbortSignal;
  readonly cli: CliContext;
}

async function readSide(image: ImageMetadata, { aws, context, policy, signal, cli }: Reading): Promise<DiffSide> {
  const stopWaiting = showWaiting(`Reading ${image.id} …`, cli);
  try {
    return { image, contents: await readContents(image, { snapshots: aws.snapshots, context, policy, signal }) };
  } finally {
    stopWaiting();
  }
}
