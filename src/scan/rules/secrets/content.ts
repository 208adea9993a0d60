// One pass over the files that may hold secrets: each is read once, and every detector looks at the same text.
import { createHash } from 'node:crypto';
import type { FileEntry } from '../../tree/file-tree.js';
import type { RuleContext } from '../context.js';
import { mapInBatches } from '../map-in-batches.js';
import type { Fault, RuleGroup } from '../rule.js';
import { isSecretCandidate } from './candidates.js';
import { contentChecks } from './content-checks.js';
import { type InspectedFile, inspectText } from './inspect-text.js';

/** Secrets by their content, wherever they lie. */
export const contentRules: RuleGroup = { checks: contentChecks, evaluate: findSecretFaults };

/** Secrets stand near the beginning of what people write; a log of a gigabyte must not stop the scan. */
const MAX_BYTES = 1024 * 1024;
const BATCH_SIZE = 32;
const KEY_STORES = /\.(?:p12|pfx|jks|keystore)$/i;

async function* findSecretFaults(context: RuleContext): AsyncIterable<Fault> {
  const packages = await context.packages();
  const { homes } = await context.accounts();
  const homePaths = new Set(homes.map((home) => home.path));
  const candidates: FileEntry[] = [];
  for (const entry of context.tree.entries()) if (isSecretCandidate(entry, packages)) candidates.push(entry);
  for await (const faults of mapInBatches(
    candidates,
    BATCH_SIZE,
    async (entry) => await inspect(context, entry, homePaths),
  )) {
    yield* faults;
  }
}

async function inspect(context: RuleContext, entry: FileEntry, homes: ReadonlySet<string>): Promise<readonly Fault[]> {
  context.signal?.throwIfAborted();
  const content = await readContent(context, entry);
  if (content === undefined) return [];
  if (KEY_STORES.test(entry.path)) {
    return [{ check: 'KEY-008', path: entry.path, message: `${entry.path} is a store of private keys` }];
  }
  const text = toText(content, entry.path);
  if (text === undefined) return [];
  if (entry.size > MAX_BYTES)
    context.reportGap(entry.path, 'it is larger than 1 MiB; only its first MiB was searched for secrets');
  const file: InspectedFile = { path: entry.path, text, home: findHome(entry.path, homes) };
  const faults = [...inspectText(file)];
  // Asked last: a digest costs more than a look, and hardly any file has a hit.
  return faults.length > 0 && (await isAsShipped(context, entry, content)) ? [] : faults;
}

/** The outermost home that a file is in; by its own parents, since there may be as many homes as files. */
function findHome(path: string, homes: ReadonlySet<string>): string | undefined {
  for (let end = path.indexOf('/', 1); end !== -1; end = path.indexOf('/', end + 1)) {
    const folder = path.slice(0, end);
    if (homes.has(folder)) return folder;
  }
  return undefined;
}

async function readContent(context: RuleContext, entry: FileEntry): Promise<Buffer | undefined> {
  try {
    return await context.tree.read(entry, Math.min(entry.size, MAX_BYTES));
  } catch (cause) {
    context.reportGap(entry.path, cause);
    return undefined;
  }
}

/** Latin-1: a byte a character, whatever the encoding; binary files have NULs near their beginning. */
function toText(content: Buffer, path: string): string | undefined {
  const isBinary = content.subarray(0, 4096).includes(0);
  // Pickled state of cloud-init is binary and holds the user-data as text.
  return isBinary && !path.endsWith('.pkl') ? undefined : content.toString('latin1');
}

async function isAsShipped(context: RuleContext, { path, size }: FileEntry, content: Buffer): Promise<boolean> {
  const digest = (await context.packages()).findDigest(path);
  if (!digest || size > content.length) return false;
  return createHash(digest.algorithm).update(content).digest('hex') === digest.value;
}
