import type { OsRelease } from '../parse/os-release.js';
import { createRuleContext } from '../rules/context.js';
import type { FileTree, TreeGap } from '../tree/file-tree.js';
import { collectLanguagePackages } from './language-packages.js';
import { collectOsPackages } from './os-packages.js';
import { createPackageUrl } from './package-url.js';

/** Ecosystems by their names in package URLs. */
export type PackageType = 'deb' | 'rpm' | 'pypi' | 'npm' | 'gem';

export interface FoundPackage {
  readonly type: PackageType;
  /** As the ecosystem writes it: `@babel/core`, `libstdc++6`. */
  readonly name: string;
  /** Debian: with epoch; rpm: `[epoch:]version-release`. */
  readonly version: string;
  readonly architecture?: string | undefined;
  /** Source package, by which advisories go. */
  readonly source?: string | undefined;
  /** As the package writes them, which is rarely SPDX; empty where it says nothing that a machine can read. */
  readonly licenses: readonly string[];
  /** Where it was found; for packages of the operating system, the database. */
  readonly path: string;
}

export interface InventoryPackage extends Omit<FoundPackage, 'path'> {
  /** Package URL, by https://github.com/package-url/purl-spec. No two packages of an inventory have the same. */
  readonly purl: string;
  /** Everywhere it was found, sorted. */
  readonly paths: readonly string[];
}

export interface Inventory {
  readonly target: string;
  readonly os: OsRelease;
  /** Sorted by purl; the same target gives the same list. */
  readonly packages: readonly InventoryPackage[];
  /** Why it may be incomplete. */
  readonly gaps: readonly TreeGap[];
}

export interface CollectInventoryOptions {
  readonly now: Date;
  readonly signal?: AbortSignal;
}

/**
 * Everything that is installed in a tree: packages of the operating system, and those of Python, Node and Ruby that no
 * package of the operating system brought. What cannot be read becomes a gap.
 * Errors: the reason of `signal` when it aborts.
 */
export async function collectInventory(tree: FileTree, { now, signal }: CollectInventoryOptions): Promise<Inventory> {
  const context = createRuleContext({ tree, policy: 'baseline', now, signal });
  const os = await context.osRelease();
  const found = [...(await collectOsPackages(context)), ...(await collectLanguagePackages(context))];
  const packages = mergePackages(found, { os, reportGap: (path, reason) => context.reportGap(path, reason) });
  return { target: tree.target, os, packages, gaps: [...tree.gaps, ...context.gaps] };
}

function mergePackages(
  found: readonly FoundPackage[],
  { os, reportGap }: { readonly os: OsRelease; readonly reportGap: (path: string, reason: string) => void },
): readonly InventoryPackage[] {
  const merged = new Map<string, InventoryPackage>();
  for (const { path, ...each } of found) {
    const purl = createPackageUrl(each, os);
    if (purl === undefined) {
      reportGap(path, 'its name or version is none that a package can have');
      continue;
    }
    const paths = new Set([...(merged.get(purl)?.paths ?? []), path]);
    merged.set(purl, { ...each, ...merged.get(purl), purl, paths: [...paths].toSorted() });
  }
  return [...merged.values()].toSorted((one, other) => (one.purl < other.purl ? -1 : 1));
}
