import type { ConfigPath } from './config-path.js';
import type { ProblemDraft } from './problem.js';

/**
 * A copy of `value` without what problems point at, so that rules about several fields can trust the types of what they
 * find, and one mistake does not hide the next. Positions in lists stay: an item taken out leaves undefined.
 */
export function takeOutMistakes(value: unknown, problems: readonly ProblemDraft[]): unknown {
  if (problems.length === 0) return value;
  const copy: unknown = structuredClone(value);
  if (!isContainer(copy)) return {};
  for (const { place, code } of problems) {
    // What is missing or empty is not wrong in itself; the mapping that it is missing from has more to say.
    if ('path' in place && !HARMLESS.has(code)) takeOut(copy, place.path);
  }
  return copy;
}

const HARMLESS: ReadonlySet<string> = new Set(['CONFIG_REQUIRED', 'CONFIG_VARIABLE_NOT_DECLARED']);

function takeOut(root: Container, path: ConfigPath): void {
  let parent: Container = root;
  for (const part of path.slice(0, -1)) {
    const child: unknown = Object.hasOwn(parent, part) ? parent[part] : undefined;
    if (!isContainer(child)) return;
    parent = child;
  }
  const last = path.at(-1);
  if (last === undefined || !Object.hasOwn(parent, last)) return;
  if (Array.isArray(parent)) parent[last as number] = undefined;
  else delete parent[last];
}

type Container = Record<string | number, unknown>;

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
