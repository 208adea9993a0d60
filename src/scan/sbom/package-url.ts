import { PackageURL } from 'packageurl-js';
import type { OsRelease } from '../parse/os-release.js';
import type { FoundPackage } from './inventory.js';

/** npm allows 214, and nobody else needs more. */
const MAX_CHARACTERS = 256;

/** The package URL; undefined for a name or a version that is none. */
export function createPackageUrl(found: Omit<FoundPackage, 'path'>, os: OsRelease): string | undefined {
  if (found.name.trim() === '' || found.name.length > MAX_CHARACTERS || found.version.length > MAX_CHARACTERS) {
    return undefined;
  }
  try {
    return toPackageUrl(found, os).toString();
  } catch {
    // What is installed was not always written by people who mean well: the library refuses what is no name.
    return undefined;
  }
}

function toPackageUrl({ type, name, version, architecture }: Omit<FoundPackage, 'path'>, os: OsRelease): PackageURL {
  const distro = os.versionId === '' ? os.id : `${os.id}-${os.versionId}`;
  const arch = architecture === undefined || architecture === '' ? {} : { arch: architecture };
  if (type === 'deb') return new PackageURL(type, os.id, name, version, { ...arch, distro }, undefined);
  if (type === 'rpm') {
    const [, epoch, rest = version] = /^(\d+):(.*)$/.exec(version) ?? [];
    const qualifiers = { ...arch, distro, ...(epoch === undefined ? {} : { epoch }) };
    return new PackageURL(type, RPM_VENDORS.get(os.id) ?? os.id, name, rest, qualifiers, undefined);
  }
  const [scope, scoped] = type === 'npm' && name.startsWith('@') ? name.split('/') : [undefined, name];
  return new PackageURL(type, scope, scoped ?? '', version, undefined, undefined);
}

/** Scanners look packages up by vendor, and this vendor is not called as its system. */
const RPM_VENDORS: ReadonlyMap<string, string> = new Map([['rhel', 'redhat']]);
