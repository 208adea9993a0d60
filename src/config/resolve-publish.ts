import path from 'node:path';
import type { ImageInput } from './config-input.js';
import type { PublishConfig, PublishRegion } from './publish-config.js';

type PublishInput = NonNullable<ImageInput['publish']>;

const BOOT_TEST_MINUTES = 15;

/** A checked `publish` section with everything written out; its file below `root`. */
export function resolvePublish(publish: PublishInput, root: string): PublishConfig {
  const { deprecateAfter, manifest } = publish;
  const bootTest = resolveSwitch(publish.bootTest);
  const protect = resolveSwitch(publish.protect);
  return {
    regions: resolveRegions(publish.regions),
    tags: publish.tags ?? {},
    grantees: {
      accounts: publish.accounts ?? [],
      organizations: publish.organizations ?? [],
      organizationalUnits: publish.organizationalUnits ?? [],
      isPublic: publish.public === true,
    },
    sharesSnapshots: publish.snapshotsToo === true,
    parameter: typeof publish.parameter === 'string' ? { latest: publish.parameter } : { ...publish.parameter },
    ...(bootTest && { bootTest: { timeoutMinutes: BOOT_TEST_MINUTES, ...bootTest } }),
    ...(protect && { protect: { withCooldown: protect.cooldown === true } }),
    ...(deprecateAfter !== undefined && { deprecateAfterDays: countDays(deprecateAfter) }),
    ...(manifest !== undefined && { manifestFile: path.resolve(root, manifest) }),
  };
}

/** The days of `180d`. */
export function countDays(text: string): number {
  return Number.parseInt(text, 10);
}

/** `true` is a mapping without details, `false` is nothing. */
function resolveSwitch<T extends object>(value: boolean | T | undefined): Partial<T> | undefined {
  if (typeof value === 'object') return value;
  return value === true ? {} : undefined;
}

function resolveRegions(regions: PublishInput['regions']): readonly PublishRegion[] {
  if (regions === undefined) return [];
  if (isList(regions)) return regions.map((region) => ({ region }));
  return Object.entries(regions).map(([region, details]) => ({ region, ...details }));
}

function isList<T>(value: readonly T[] | object): value is readonly T[] {
  return Array.isArray(value);
}
