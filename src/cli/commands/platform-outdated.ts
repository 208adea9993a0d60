import type { ImageCatalog } from '../../aws/ports.js';
import { findPlatformImage } from '../../build/find-platform-image.js';
import { findLocked, type LockedPlatform, readPlatformLock, writePlatformLock } from '../../build/platform-lock.js';
import type { ResolvedImage } from '../../config/resolved-config.js';
import { createError, ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { loadImages } from '../load-images.js';
import { openFleets } from '../open-fleets.js';
import { openTarget } from '../open-target.js';

export interface PlatformOutdatedOptions {
  /** Write what is recommended now into buildimg.lock.json. */
  readonly write?: boolean;
  readonly sandbox?: boolean;
  readonly json?: boolean;
  readonly var: Readonly<Record<string, string>>;
}

interface Comparison {
  readonly image: string;
  readonly state: 'current' | 'outdated' | 'unlocked';
  readonly locked?: LockedPlatform;
  readonly recommended: LockedPlatform;
}

/** Says whether the platforms that images start from have moved on. Exits 5 when one has, unless it is written down. */
export async function platformOutdated(
  names: readonly string[],
  options: PlatformOutdatedOptions,
  cli: CliContext,
): Promise<ExitCode> {
  const { config, images } = await loadImages(cli, { names, variables: options.var });
  const based = images.filter(({ source }) => source.kind === 'platform-branch');
  if (based.length === 0) throw createError('PLATFORM_BRANCH_MISSING', [images.map(({ name }) => name).join(', ')]);
  const lock = await readPlatformLock(config.root);
  const { signal } = new AbortController();
  const target = await openTarget({ images: [], isSandbox: options.sandbox === true, signal }, cli);
  const fleets = await openFleets(based, target, cli);
  const comparisons: Comparison[] = [];
  try {
    for (const image of based) {
      const { catalog } = fleets.open(image, signal);
      comparisons.push(await compare(image, findLocked(lock, image), catalog));
    }
  } finally {
    fleets.close();
  }
  if (options.json === true) cli.output.answer(JSON.stringify({ images: comparisons }, undefined, 2));
  else for (const comparison of comparisons) cli.output.answer(format(comparison));
  if (options.write === true) {
    const fresh = new Map([...lock, ...comparisons.map(({ image, recommended }) => [image, recommended] as const)]);
    cli.output.progress(`Written to ${await writePlatformLock(config.root, fresh)}`);
    return ExitCode.done;
  }
  return comparisons.every(({ state }) => state === 'current') ? ExitCode.done : ExitCode.findings;
}

async function compare(
  image: ResolvedImage,
  locked: LockedPlatform | undefined,
  catalog: ImageCatalog,
): Promise<Comparison> {
  const branch = image.source.kind === 'platform-branch' ? image.source.branch : '';
  const recommended = await findPlatformImage(image, branch, catalog);
  return { image: image.name, ...(locked && { locked }), recommended, state: judge(locked, recommended) };
}

function judge(locked: LockedPlatform | undefined, recommended: LockedPlatform): Comparison['state'] {
  if (locked === undefined) return 'unlocked';
  return locked.platformArn === recommended.platformArn && locked.id === recommended.id ? 'current' : 'outdated';
}

function format({ image, state, locked, recommended }: Comparison): string {
  const { branch, version, id } = recommended;
  if (state === 'current') return `${image}: current, ${branch} ${version} (${id})`;
  if (state === 'unlocked') {
    return `${image}: nothing is locked yet; ${branch} is at ${version} (${id})\n  → buildimg platform outdated --write`;
  }
  return `${image}: outdated, ${branch} ${locked?.version} (${locked?.id}) → ${version} (${id})\n  → buildimg build --update-lock ${image}`;
}
