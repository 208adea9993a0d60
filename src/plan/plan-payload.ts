// What travels to the instance and what is done with it there, in the order in which the config lists it.
import type { ResolvedImage } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import { getProvisioner } from '../plugins/provisioners.js';
import type { ProvisionerPlan } from '../plugins/types.js';
import type { PayloadFile, PlanFacts, ProvisionStep } from './image-plan.js';

export interface PlannedPayload {
  readonly steps: readonly ProvisionStep[];
  readonly payload: readonly PayloadFile[];
}

/** Steps and payload of all provisioners. Payload is sorted by path. */
export function planPayload(image: ResolvedImage, facts: PlanFacts): PlannedPayload {
  const plans = image.provisioners.map(({ name, options }, position) =>
    getProvisioner(name).planSteps(options, {
      index: position + 1,
      root: facts.root,
      listFiles: (path) => listFilesBelow(path, facts),
    }),
  );
  return {
    steps: plans.flatMap((plan) => plan.steps),
    payload: [...plans.flatMap((plan) => listUserFiles(plan, facts)), ...listScripts(plans, facts)].sort((a, b) =>
      a.path < b.path ? -1 : 1,
    ),
  };
}

/** Absolute paths of the known files below a folder, or of the file itself, sorted. */
export function listFilesBelow(path: string, facts: PlanFacts): readonly string[] {
  if (facts.files.has(path)) return [path];
  const sorted = getSortedPaths(facts.files);
  const prefix = `${path}/`;
  const found: string[] = [];
  for (let at = findFirstNotBefore(sorted, prefix); sorted[at]?.startsWith(prefix) === true; at += 1) {
    found.push(sorted[at] ?? '');
  }
  return found;
}

/** Sorted once for all images that share the facts: a thousand images would otherwise read the whole list each. */
const sortedPaths = new WeakMap<PlanFacts['files'], readonly string[]>();

function getSortedPaths(files: PlanFacts['files']): readonly string[] {
  const known = sortedPaths.get(files);
  if (known !== undefined) return known;
  const sorted = [...files.keys()].sort();
  sortedPaths.set(files, sorted);
  return sorted;
}

function findFirstNotBefore(sorted: readonly string[], wanted: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function listUserFiles(plan: ProvisionerPlan, facts: PlanFacts): readonly PayloadFile[] {
  const files = [...plan.files].map(([path, source]) => ({
    path,
    mode: getFact(source, facts).mode,
    content: { copyOf: source },
  }));
  const texts = [...(plan.texts ?? [])].map(([path, text]) => ({ path, mode: 0o755, content: { text } }));
  return [...files, ...texts];
}

/** Scripts of the built-in provisioners that are used, each once, and lib/ when there are any. */
function listScripts(plans: readonly ProvisionerPlan[], facts: PlanFacts): readonly PayloadFile[] {
  const used = new Set(plans.flatMap((plan) => plan.scriptFolder ?? []));
  const folders = used.size === 0 ? [] : [...used, 'lib'];
  return folders.flatMap((folder) =>
    listFilesBelow(`${facts.provisionersDir}/${folder}`, facts)
      .filter((file) => !file.endsWith('.md') && !file.endsWith('/provisioner.yaml'))
      .map((source) => ({
        path: `provisioners/${source.slice(facts.provisionersDir.length + 1)}`,
        mode: getFact(source, facts).mode,
        content: { copyOf: source },
      })),
  );
}

function getFact(path: string, facts: PlanFacts) {
  const fact = facts.files.get(path);
  if (fact === undefined) throw createError('PAYLOAD_FILE_MISSING', [path]);
  return fact;
}
