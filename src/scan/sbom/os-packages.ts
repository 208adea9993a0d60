import type { RuleContext } from '../rules/context.js';
import { parseDebianCopyright } from './debian-copyright.js';
import type { FoundPackage } from './inventory.js';

/** Nobody's copyright file is longer but the kernel's, whose end says nothing that its beginning does not. */
const MAX_COPYRIGHT_BYTES = 256 * 1024;

/** Packages of dpkg or rpm; none where the target has neither. */
export async function collectOsPackages(context: RuleContext): Promise<readonly FoundPackage[]> {
  const { kind, installed } = await context.packages();
  const found: FoundPackage[] = [];
  if (kind === 'unreadable') {
    context.reportGap(
      '/var/lib/rpm',
      'packages are not listed: the rpm database is damaged, or in Berkeley DB or ndb format, of which only SQLite is read',
    );
  }
  for (const { name, version, architecture, source, license } of installed) {
    // Keys that the administrator trusts are kept as packages of this name.
    if (kind === 'rpm' && name === 'gpg-pubkey') continue;
    context.signal?.throwIfAborted();
    found.push({
      type: kind === 'rpm' ? 'rpm' : 'deb',
      name,
      version,
      architecture,
      source,
      licenses: kind === 'rpm' ? (license ? [license] : []) : await readDebianLicenses(context, name),
      path: kind === 'rpm' ? '/var/lib/rpm' : '/var/lib/dpkg/status',
    });
  }
  return found;
}

async function readDebianLicenses(context: RuleContext, name: string): Promise<readonly string[]> {
  const entry = context.tree.resolve(`/usr/share/doc/${name}/copyright`);
  if (entry?.type !== 'file') return [];
  try {
    return parseDebianCopyright((await context.tree.read(entry, MAX_COPYRIGHT_BYTES)).toString('utf8'));
  } catch (cause) {
    context.reportGap(entry.path, cause);
    return [];
  }
}
