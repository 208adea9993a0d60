import { parseDpkgStatus, parseMd5sums } from '../../parse/dpkg.js';
import type { RpmPackage } from '../../parse/rpm-header.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { readRpmDatabase } from './rpm-packages.js';

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Debian: name of the source package; rpm: file name of the source package. */
  readonly source: string;
  /** As the package writes it; Debian keeps it elsewhere, in /usr/share/doc. */
  readonly license?: string;
}

export interface PackageView {
  /** `unreadable`: there is a database, but in a format that this scan does not read. */
  readonly kind: 'dpkg' | 'rpm' | 'unreadable' | 'none';
  readonly installed: readonly InstalledPackage[];
  has(name: string): boolean;
  findVersion(name: string): string | undefined;
  /** Whether a package brought the file at this path. */
  owns(path: string): boolean;
  /** Digest of the file as the package brought it. */
  findDigest(path: string): FileDigest | undefined;
  /** Paths with a digest that are not configuration. */
  programs(): Iterable<string>;
}

export interface FileDigest {
  readonly algorithm: 'md5' | 'sha256';
  /** In hexadecimal. */
  readonly value: string;
}

/** What the package database of the target says about its files. */
export async function loadPackages(context: RuleContext): Promise<PackageView> {
  if (context.tree.resolve('/var/lib/dpkg/status')) return await loadDpkg(context);
  const rpms = await readRpmDatabase(context);
  if (rpms) return createRpmView(context, rpms);
  const hasRpm = ['/var/lib/rpm', '/usr/lib/sysimage/rpm'].some((folder) => context.tree.list(folder).length > 0);
  return emptyView(hasRpm ? 'unreadable' : 'none');
}

async function loadDpkg(context: RuleContext): Promise<PackageView> {
  const packages = parseDpkgStatus((await context.readText('/var/lib/dpkg/status')) ?? '');
  const owned = new Set<string>();
  const digests = new Map<string, FileDigest>();
  const programs: string[] = [];
  const relocate = createRelocator(context);
  for (const entry of expandGlob(context.tree, '/var/lib/dpkg/info/*.{list,md5sums}')) {
    const text = (await context.readText(entry.path)) ?? '';
    if (entry.path.endsWith('.list')) for (const path of text.split('\n')) owned.add(relocate(path));
    else {
      for (const [path, value] of parseMd5sums(text)) {
        const real = relocate(path);
        digests.set(real, { algorithm: 'md5', value });
        programs.push(real);
      }
    }
  }
  for (const { conffiles } of packages) {
    for (const [path, value] of conffiles) digests.set(relocate(path), { algorithm: 'md5', value });
  }
  return createView('dpkg', packages, { owned, digests, programs });
}

function createRpmView(context: RuleContext, packages: readonly RpmPackage[]): PackageView {
  const owned = new Set<string>();
  const digests = new Map<string, FileDigest>();
  const programs: string[] = [];
  const relocate = createRelocator(context);
  for (const { path, digest, algorithm, isConfiguration } of packages.flatMap((each) => each.files)) {
    const real = relocate(path);
    owned.add(real);
    if (digest === '' || algorithm === 'other') continue;
    digests.set(real, { algorithm, value: digest });
    if (!isConfiguration) programs.push(real);
  }
  return createView('rpm', packages, { owned, digests, programs });
}

interface PackageFiles {
  readonly owned: ReadonlySet<string>;
  readonly digests: ReadonlyMap<string, FileDigest>;
  readonly programs: readonly string[];
}

function createView(
  kind: PackageView['kind'],
  installed: PackageView['installed'],
  { owned, digests, programs }: PackageFiles,
): PackageView {
  const versions = new Map(installed.map(({ name, version }) => [name, version]));
  return {
    kind,
    installed,
    has: (name) => versions.has(name),
    findVersion: (name) => versions.get(name),
    owns: (path) => owned.has(path),
    findDigest: (path) => digests.get(path),
    programs: () => programs,
  };
}

/** Packages still say /bin/ls where /bin is a link to usr/bin. */
function createRelocator({ tree }: RuleContext): (path: string) => string {
  const moved = new Set(
    ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].filter((name) => tree.find(`/${name}`)?.type === 'symlink'),
  );
  return (path) => (moved.has(path.slice(1, path.indexOf('/', 1))) ? `/usr${path}` : path);
}

function emptyView(kind: 'unreadable' | 'none'): PackageView {
  return {
    kind,
    installed: [],
    has: () => false,
    findVersion: () => undefined,
    owns: () => false,
    findDigest: () => undefined,
    programs: () => [],
  };
}
