import { PackageURL } from 'packageurl-js';

/** What became of a package between two images. Both versions: another one of them. */
export interface PackageChange {
  /** deb, rpm, pypi, npm, gem. */
  readonly type: string;
  /** As the ecosystem writes it. */
  readonly name: string;
  /** Where a package is there for several. */
  readonly architecture?: string;
  readonly before?: string;
  readonly after?: string;
}

/**
 * Packages that two bills of materials do not have in common, by name. Both are lists of package URLs. Of a package that is
 * there in several versions, each version comes and goes by itself.
 */
export function comparePackages(before: readonly string[], after: readonly string[]): readonly PackageChange[] {
  const [former, latter] = [groupPackages(before), groupPackages(after)];
  const keys = [...new Set([...former.keys(), ...latter.keys()])].toSorted();
  return keys.flatMap((key) => compareVersions(former.get(key), latter.get(key)));
}

interface Package {
  readonly type: string;
  readonly name: string;
  readonly architecture: string | undefined;
  readonly versions: readonly string[];
}

/** The release of the operating system is part of a package URL, and no difference between packages. */
function groupPackages(purls: readonly string[]): ReadonlyMap<string, Package> {
  const groups = new Map<string, Package>();
  for (const purl of purls) {
    const { type, namespace, name: bare, version, qualifiers } = PackageURL.fromString(purl);
    const name = type === 'npm' && namespace ? `${namespace}/${bare}` : bare;
    const { arch: architecture, epoch } = (qualifiers ?? {}) as Readonly<Record<string, string | undefined>>;
    const key = [type, name, architecture].join(' ');
    const full = `${epoch === undefined ? '' : `${epoch}:`}${version ?? ''}`;
    const versions = [...(groups.get(key)?.versions ?? []), full].toSorted();
    groups.set(key, { type: type ?? '', name, architecture, versions });
  }
  return groups;
}

function compareVersions(former: Package | undefined, latter: Package | undefined): readonly PackageChange[] {
  const known = former ?? latter;
  if (known === undefined) return [];
  const { type, name, architecture } = known;
  const label = { type, name, ...(architecture === undefined ? {} : { architecture }) };
  const gone = without(former?.versions, latter?.versions);
  const come = without(latter?.versions, former?.versions);
  const [before, after] = [gone[0], come[0]];
  if (gone.length === 1 && come.length === 1 && before !== undefined && after !== undefined) {
    return [{ ...label, before, after }];
  }
  return [
    ...gone.map((version) => ({ ...label, before: version })),
    ...come.map((version) => ({ ...label, after: version })),
  ];
}

function without(versions: readonly string[] = [], others: readonly string[] = []): readonly string[] {
  return versions.filter((version) => !others.includes(version));
}
