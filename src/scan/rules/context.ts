import type { PolicyName } from '../finding.js';
import { explainGap } from '../gaps.js';
import type { OsRelease } from '../parse/os-release.js';
import type { FileEntry, FileTree, TreeGap } from '../tree/file-tree.js';
import { createGapList } from '../tree/tree-limits.js';
import { type Accounts, loadAccounts } from './views/accounts.js';
import { type CloudView, loadCloudView } from './views/cloud.js';
import { loadOsRelease } from './views/os-release.js';
import { loadPackages, type PackageView } from './views/packages.js';
import { loadSshdView, type SshdView } from './views/sshd.js';
import { loadUnits, type UnitView } from './views/units.js';

/** What rules see of a target. Every view is read when first asked for, and once. */
export interface RuleContext {
  readonly tree: FileTree;
  readonly policy: PolicyName;
  readonly now: Date;
  readonly signal: AbortSignal | undefined;
  /** The text of a regular file, links followed, at most 16 MiB of it; undefined where there is none. */
  readText(path: string): Promise<string | undefined>;
  accounts(): Promise<Accounts>;
  osRelease(): Promise<OsRelease>;
  cloud(): Promise<CloudView>;
  sshd(): Promise<SshdView | undefined>;
  packages(): Promise<PackageView>;
  units(): Promise<UnitView>;
  /** Records that a check could not be decided on this target. */
  skip(check: string, reason: string): void;
  /** Records what could not be looked at, with the reason or the error. */
  reportGap(path: string, cause: unknown): void;
}

export interface RuleContextInput {
  readonly tree: FileTree;
  readonly policy: PolicyName;
  readonly now: Date;
  readonly signal?: AbortSignal | undefined;
}

export interface RecordingContext extends RuleContext {
  readonly skipped: ReadonlyMap<string, string>;
  readonly gaps: readonly TreeGap[];
}

/** The largest text that rules ask for is the status file of dpkg: 2 MiB on a machine with everything installed. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;
/** Gaps kept one by one. */
const MAX_GAPS = 1000;

export function createRuleContext({ tree, policy, now, signal }: RuleContextInput): RecordingContext {
  const skipped = new Map<string, string>();
  const gaps = createGapList(MAX_GAPS);
  const context: RecordingContext = {
    tree,
    policy,
    now,
    signal,
    skipped,
    gaps: gaps.gaps,
    readText: async (path) => await readText(path),
    accounts: once(async () => await loadAccounts(context)),
    osRelease: once(async () => await loadOsRelease(context)),
    cloud: once(async () => await loadCloudView(context)),
    sshd: once(async () => await loadSshdView(context)),
    packages: once(async () => await loadPackages(context)),
    units: once(async () => await loadUnits(context)),
    skip: (check, reason) => skipped.set(check, reason),
    reportGap(path, cause) {
      const { reason, kind } = explainGap(cause);
      gaps.add(path, reason, kind);
    },
  };
  return context;

  async function readText(path: string): Promise<string | undefined> {
    signal?.throwIfAborted();
    const entry = tree.resolve(path);
    if (entry?.type !== 'file') return undefined;
    const content = await readOrReport(entry);
    return content?.toString('utf8');
  }

  async function readOrReport(entry: FileEntry): Promise<Buffer | undefined> {
    try {
      if (entry.size > MAX_TEXT_BYTES) context.reportGap(entry.path, 'only its first 16 MiB were read');
      return await tree.read(entry, MAX_TEXT_BYTES);
    } catch (cause) {
      // A damaged block hides one file, not the report on all the others.
      context.reportGap(entry.path, cause);
      return undefined;
    }
  }
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load();
    return loading;
  };
}
