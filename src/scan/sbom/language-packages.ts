import { setImmediate } from 'node:timers/promises';
import type { RuleContext } from '../rules/context.js';
import type { FileEntry } from '../tree/file-tree.js';
import type { FoundPackage } from './inventory.js';
import { parsePackageJson } from './language/node.js';
import { parsePythonMetadata } from './language/python.js';
import { parseGemSpecification } from './language/ruby.js';

interface Ecosystem {
  /** Paths of the files that say what is installed. */
  readonly manifest: RegExp;
  /** What a package says about itself stands at the beginning of its file. */
  readonly maxBytes: number;
  readonly parse: (text: string, path: string) => Omit<FoundPackage, 'path'> | undefined;
}

const ECOSYSTEMS: readonly Ecosystem[] = [
  {
    manifest: /\/[^/]+\.(?:dist-info\/METADATA|egg-info\/PKG-INFO|egg-info)$/,
    maxBytes: 256 * 1024,
    parse: parsePythonMetadata,
  },
  {
    manifest: /\/node_modules\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/,
    maxBytes: 1024 * 1024,
    parse: parsePackageJson,
  },
  { manifest: /\/specifications\/(?:default\/)?[^/]+\.gemspec$/, maxBytes: 256 * 1024, parse: parseGemSpecification },
];

/** What lies in a cache is not installed. */
const CACHES = /\/(?:\.cache|\.npm|_cacache|\.yarn|\.pnpm-store)\/|^\/(?:var\/cache|tmp|var\/tmp|proc|sys)\//;
const ENTRIES_PER_SLICE = 5000;
/** A hostile tree has a million of them. */
const MAX_PACKAGES = 100_000;
const MAX_LICENSES = 32;
const MAX_LICENSE_CHARACTERS = 120;

/** Packages of Python, Node and Ruby, apart from those that came as part of a package of the operating system. */
export async function collectLanguagePackages(context: RuleContext): Promise<readonly FoundPackage[]> {
  const { tree, signal } = context;
  const installed = await context.packages();
  const found: FoundPackage[] = [];
  let seen = 0;
  for (const entry of tree.entries()) {
    seen += 1;
    if (seen % ENTRIES_PER_SLICE === 0) await setImmediate();
    signal?.throwIfAborted();
    if (entry.type !== 'file' || CACHES.test(entry.path)) continue;
    const ecosystem = ECOSYSTEMS.find(({ manifest }) => manifest.test(entry.path));
    if (!ecosystem || installed.owns(entry.path)) continue;
    const each = await readManifest(context, entry, ecosystem);
    if (each) found.push(each);
    if (found.length < MAX_PACKAGES) continue;
    context.reportGap('/', `more than ${MAX_PACKAGES} packages of Python, Node and Ruby; the rest is not listed`);
    break;
  }
  return found;
}

async function readManifest(
  context: RuleContext,
  entry: FileEntry,
  { maxBytes, parse }: Ecosystem,
): Promise<FoundPackage | undefined> {
  try {
    const parsed = parse((await context.tree.read(entry, maxBytes)).toString('utf8'), entry.path);
    // A text of a licence is not its name.
    const licenses = parsed?.licenses.filter((license) => license.length <= MAX_LICENSE_CHARACTERS) ?? [];
    return parsed && { ...parsed, licenses: licenses.slice(0, MAX_LICENSES), path: entry.path };
  } catch (cause) {
    context.reportGap(entry.path, cause);
    return undefined;
  }
}
