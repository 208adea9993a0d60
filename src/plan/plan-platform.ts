import { relative, sep } from 'node:path';
import { HOOK_PLACE } from '../config/hook-place.js';
import type { PlatformConfig, ResolvedImage } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import type { PayloadFile, PlanFacts } from './image-plan.js';
import { listFilesBelow } from './plan-payload.js';

/** What a platform adds to the plan of its image. */
export interface PlatformPlan {
  readonly config: PlatformConfig;
  /** The user's hooks; paths are below the folder of hooks, like `appdeploy/pre/50-name.sh`. */
  readonly hooks: readonly PayloadFile[];
  /** The user's files; paths are those in the image, without the first slash. */
  readonly files: readonly PayloadFile[];
  /** What the archive's own builder sources and runs; paths are below builder/. */
  readonly library: readonly PayloadFile[];
}

/** Of the folder of provisioners, by the same paths. */
const LIBRARY = ['lib/common.sh', 'lib/distro.sh', 'lib/packages.sh', 'file.sh'];

/** Throws PLATFORM_MISSING, PLATFORM_HOOK_PLACE. */
export function planPlatform(image: ResolvedImage, facts: PlanFacts): PlatformPlan {
  const { platform } = image;
  if (platform === undefined) throw createError('PLATFORM_MISSING', [image.name]);
  const hooks = listFolder(platform.hooks, facts).map((file) => ({ ...file, mode: 0o755 }));
  const misplaced = hooks.find(({ path }) => !HOOK_PLACE.test(path));
  if (misplaced !== undefined) throw createError('PLATFORM_HOOK_PLACE', [misplaced.path]);
  return { config: platform, hooks, files: listFolder(platform.files, facts), library: listLibrary(facts) };
}

function listLibrary({ provisionersDir, files }: PlanFacts): readonly PayloadFile[] {
  return LIBRARY.map((path) => {
    const source = `${provisionersDir}/${path}`;
    const fact = files.get(source);
    if (fact === undefined) throw createError('PAYLOAD_FILE_MISSING', [source]);
    return { path: `provisioners/${path}`, mode: fact.mode, content: { copyOf: source } };
  });
}

/** The files below a folder of the user's, by their paths in it. */
export function listFolder(folder: string | undefined, facts: PlanFacts): readonly PayloadFile[] {
  if (folder === undefined) return [];
  return listFilesBelow(folder, facts).map((path) => ({
    path: relative(folder, path).split(sep).join('/'),
    mode: facts.files.get(path)?.mode ?? 0o644,
    content: { copyOf: path },
  }));
}
