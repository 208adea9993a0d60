import type { PolicyName } from '../finding.js';
import { explainGap } from '../gaps.js';
import { cutLongLines, MAX_LINE_LENGTH } from '../parse/lines.js';
import type { OsRelease } from '../parse/os-release.js';
import { parseYaml, type YamlVersion } from '../parse/yaml.js';
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
  /**
   * The text of a regular file, links followed, at most 16 MiB of it and 64 KiB of a line; what is cut is a gap. Undefined
   * where there is no such file.
   */
  readText(path: string): Promise<string | undefined>;
  /** The value of a YAML file; undefined where there is none, or where it cannot be read, which is a gap if it is YAML. */
  readYaml(path: string, version: YamlVersion): Promise<unknown>;
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
  const reported = new Set<string>();
  const context: RecordingContext = {
    tree,
    policy,
    now,
    signal,
    skipped,
    gaps: gaps.gaps,
    readText,
    readYaml,
    accounts: once(async () => await loadAccounts(context)),
    osRelease: once(async () => await loadOsRelease(context)),
    cloud: once(async () => await loadCloudView(context)),
    sshd: once(async () => await loadSshdView(context)),
    packages: once(async () => await loadPackages(context)),
    units: once(async () => await loadUnits(context)),
    skip: (check, reason) => skipped.set(check, reason),
    reportGap(path, cause) {
      const { reason, kind } = explainGap(cause);
      // Many rules read the same file.
      const key = `${path}\n${reason}`;
      if (reported.has(key)) return;
      reported.add(key);
      gaps.add(path, reason, kind);
    },
  };
  return context;

  async function readText(path: string): Promise<string | undefined> {
    signal?.throwIfAborted();
    const entry = tree.resolve(path);
    if (entry?.type !== 'file') return undefined;
    const content = await readOrReport(entry);
    if (content === undefined) return undefined;
    const { text, cut } = cutLongLines(content.toString('utf8'));
    if (cut.length > 0) context.reportGap(entry.path, describeCut(cut));
    return text;
  }

  async function readYaml(path: string, version: YamlVersion): Promise<unknown> {
    const yaml = parseYaml((await readText(path)) ?? '', version);
    if ('value' in yaml) return yaml.value;
    context.reportGap(path, yaml.unread);
    return undefined;
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

/** Which lines of a text rules do not see to their ends. */
function describeCut(lines: readonly number[]): string {
  const which = lines.length === 1 ? `line ${lines[0]}` : `${lines.length} lines, the first of them line ${lines[0]},`;
  return `only the first ${MAX_LINE_LENGTH} characters of ${which} were read`;
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load();
    return loading;
  };
}
