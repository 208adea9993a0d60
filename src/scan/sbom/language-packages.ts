import { setImmediate } from 'node:timers/promises';
import type { RuleContext } from '../rules/context.js';
import type { FileEntry } from '../tree/file-tree.js';
import type { FoundPackage } from './inventory.js';
import { parseGemSpecification } from './language/ruby.js';
import { parsePackageJson } from './language/node.js';
import { parsePythonMetadata } from './language/python.js';

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
  { manifest: /\/node_modules\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/, maxBytes: 1024 * 1024, parse: parsePackageJson },
  { manifest: /\/specifications\/(?:default\/)?[^/]+\.gemspec$/, maxBytes: 256 * 1024, parse: parseGemSpecification },
];

/** What lies in a cache is not installed. */
const CACHES = /\/(?:\.cache|\.npm|_cacache|\.yarn|\.pnpm-store)\/|^\/(?:var\/cache|tmp|var\/tmp|proc|sys)\//;
const ENTRIES_PER_SLICE = 5000;
/** A hostile tree has a million of them. */
const MAX_PACKAGES = 100_000;

/** Packages of Python, Node and Ruby, apart from those that came as part of a package of the operating system. */
export async function collectLanguagePackages(context: RuleContext): Promise<readonly FoundPackage[]> {
  const { tree, signal } = context;
  const { owns } = await context.packages();
  const found: FoundPackage[] = [];
  let seen = 0;
  for (const entry of tree.entries()) {
    seen += 1;
    if (seen % ENTRIES_PER_SLICE === 0) await setImmediate();
    signal?.throwIfAborted();
    if (entry.type !== 'file' || CACHES.test(entry.path)) continue;
    const ecosystem = ECOSYSTEMS.find(({ manifest }) => manifest.test(entry.path));
    if (!ecosystem || owns(entry.path)) continue;
    const each = await readManifest(context, entry, ecosystem);
    if (each) found.push(each);
    if (found.length < MAX_PACKAGES) continue;
    context.reportGap('/', `more than ${MAX_PACKAGES} packages of Python, Node and Ruby; the rest is not listed`);
    break;
  }
  return found;
}

async function readManifest(
  { tree, reportGap }: RuleContext,
  entry: FileEntry,
  { maxBytes, parse }: Ecosystem,
): Promise<FoundPackage | undefined> {
  try {
    const parsed = parse((await tree.read(entry, maxBytes)).toString('utf8'), entry.path);
    return parsed && { ...parsed, path: entry.path };
  } catch (cause) {
    reportGap(entry.path, cause instanceof Error ? cause.message : String(cause));
    return undefined;
  }
}
