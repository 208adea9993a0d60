import { getNamedImage } from '../../build/catalogue/find-named-image.js';
import { STAGE_TAG } from '../../build/catalogue/list-catalogue.js';
import { type Promoted, promoteImage } from '../../build/catalogue/promote-image.js';
import type { Severity } from '../../config/scan-names.js';
import { createError, ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { type RegionOptions, withRegions } from '../open-regions.js';

export interface PromoteOptions extends RegionOptions {
  readonly parameter?: string;
  readonly stage?: string;
  readonly tag: Readonly<Record<string, string>>;
  readonly account?: readonly string[];
  readonly failOn: Severity | 'none';
  readonly allowFindings?: boolean;
}

/** Makes an image the one that others use: a parameter names it, tags say so, accounts may launch it. */
export async function promote(image: string, options: PromoteOptions, cli: CliContext): Promise<ExitCode> {
  const { parameter, stage, tag, account: accounts = [] } = options;
  const tags = { ...tag, ...(stage === undefined ? {} : { [STAGE_TAG]: stage }) };
  if (parameter === undefined && accounts.length === 0 && Object.keys(tags).length === 0) {
    throw createError('USAGE', ['promote needs --parameter, --stage, --tag or --account']);
  }
  const failOn = options.allowFindings === true ? 'none' : options.failOn;
  return await withRegions(options, cli, async ({ forEach }) => {
    const promoted = await forEach(async ({ aws, context, signal }) =>
      promoteImage(await getNamedImage(image, aws), { parameter, tags, accounts, failOn }, { aws, context, signal }),
    );
    if (options.json === true) cli.output.answer(JSON.stringify({ images: promoted }, undefined, 2));
    else for (const each of promoted) cli.output.answer(formatPromoted(each));
    return ExitCode.done;
  });
}

function formatPromoted({ region, id, name, changes }: Promoted): string {
  const head = `${name} (${id}, ${region})`;
  return changes.length === 0
    ? `${head}: nothing to do, all of it is so already`
    : [`${head}:`, ...changes].join('\n  ');
}
