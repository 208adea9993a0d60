import type { Check, Finding, PolicyName, Severity } from './finding.js';
import type { ImageMetadata } from './image-metadata.js';
import type { OsRelease } from './parse/os-release.js';
import { compareFindings, findSeverity, isAtLeast, severities } from './policies.js';
import { allChecks, imageRuleGroups, ruleGroups } from './rules/catalogue.js';
import { createRuleContext, type RuleContext } from './rules/context.js';
import type { ImageRuleGroup } from './rules/image/image-rule.js';
import type { Fault, RuleGroup } from './rules/rule.js';
import { sealedChecks } from './rules/sealed.js';
import { undecidableChecks } from './rules/undecidable.js';
import type { FileTree, TreeGap } from './tree/file-tree.js';
import { applyWaivers, type WaivedFinding, type Waiver, type WaiverNote } from './waivers.js';

export interface ScanOptions {
  readonly policy: PolicyName;
  /** What EC2 says about the AMI, when the target is one. */
  readonly image?: ImageMetadata | undefined;
  readonly waivers?: readonly Waiver[];
  /** Decides about ends of life, ages and expiries. */
  readonly now: Date;
  readonly signal?: AbortSignal;
  /** The tree is of an instance that `seal` has not run on: what seal takes care of is no finding yet. */
  readonly isBeforeSeal?: boolean;
}

export interface NotEvaluated {
  readonly check: string;
  readonly reason: string;
}

export interface ScanResult {
  readonly target: string;
  readonly policy: PolicyName;
  readonly os: OsRelease;
  /** Worst first; the same target gives the same list. */
  readonly findings: readonly Finding[];
  readonly waived: readonly WaivedFinding[];
  readonly waiverNotes: readonly WaiverNote[];
  /** Checks of the policy that this target, or files alone, cannot answer. */
  readonly notEvaluated: readonly NotEvaluated[];
  /** What could not be read. */
  readonly gaps: readonly TreeGap[];
  /** Findings that are left after waivers, by severity. */
  readonly counts: Readonly<Record<Severity, number>>;
}

/** More places than this say nothing new about a check, and a hostile tree has a million. */
const MAX_FINDINGS_PER_CHECK = 200;

/**
 * Evaluates every rule of a policy over a tree. Reads only; what cannot be read becomes a gap, not an error.
 * Errors: the reason of `signal` when it aborts.
 */
export async function scanTree(tree: FileTree, options: ScanOptions): Promise<ScanResult> {
  const { policy, now, signal } = options;
  const context = createRuleContext({ tree, policy, now, signal });
  const found = await collectFindings(context, options.image);
  const findings = options.isBeforeSeal === true ? found.filter(({ check }) => !sealedChecks.has(check)) : found;
  const {
    findings: kept,
    waived,
    notes,
  } = applyWaivers(findings.toSorted(compareFindings), options.waivers ?? [], now);
  return {
    target: tree.target,
    policy,
    os: await context.osRelease(),
    findings: kept,
    waived,
    waiverNotes: notes,
    notEvaluated: listNotEvaluated(policy, context.skipped),
    gaps: [...tree.gaps, ...context.gaps],
    counts: countBySeverity(kept),
  };
}

/** Whether a scan has a finding of severity `failOn` or worse. */
export function isFailing(result: Pick<ScanResult, 'findings'>, failOn: Severity): boolean {
  return result.findings.some((finding) => isAtLeast(finding.severity, failOn));
}

async function collectFindings(context: RuleContext, image: ImageMetadata | undefined): Promise<readonly Finding[]> {
  const checks = new Map(allChecks.map((check) => [check.id, check]));
  const perCheck = new Map<string, number>();
  const findings: Finding[] = [];
  for await (const fault of listFaults(context, image)) {
    context.signal?.throwIfAborted();
    const severity = findFaultSeverity(fault, { check: checks.get(fault.check), policy: context.policy });
    if (severity === undefined) continue;
    const count = (perCheck.get(fault.check) ?? 0) + 1;
    perCheck.set(fault.check, count);
    if (count <= MAX_FINDINGS_PER_CHECK) findings.push(toFinding(fault, severity));
  }
  return [...findings, ...listOverflows(perCheck, findings)];
}

async function* listFaults(context: RuleContext, image: ImageMetadata | undefined): AsyncIterable<Fault> {
  const { policy, now } = context;
  const isAsked = (group: RuleGroup | ImageRuleGroup) => group.checks.some((check) => check.policies.includes(policy));
  for (const group of ruleGroups) if (isAsked(group)) yield* group.evaluate(context);
  if (image === undefined) return;
  const skip = (check: string, reason: string) => context.skip(check, reason);
  for (const group of imageRuleGroups) if (isAsked(group)) yield* group.evaluate({ image, policy, now, skip });
}

/** The severity under the policy; a fault may be worse or less than its check, but never escapes the policy. */
function findFaultSeverity(
  fault: Fault,
  { check, policy }: { check: Check | undefined; policy: PolicyName },
): Severity | undefined {
  if (!check) throw new Error(`A rule reported ${fault.check}, which is not in the catalogue`);
  const severity = findSeverity(check, policy);
  return severity === undefined ? undefined : (fault.severity ?? severity);
}

function toFinding({ check, message, path, line }: Fault, severity: Severity): Finding {
  return {
    check,
    severity,
    message,
    ...(path === undefined ? {} : { path }),
    ...(line === undefined ? {} : { line }),
  };
}

function listOverflows(perCheck: ReadonlyMap<string, number>, findings: readonly Finding[]): readonly Finding[] {
  return [...perCheck]
    .filter(([, count]) => count > MAX_FINDINGS_PER_CHECK)
    .map(([check, count]) => ({
      check,
      severity: findings.find((finding) => finding.check === check)?.severity ?? 'low',
      message: `And ${count - MAX_FINDINGS_PER_CHECK} more places`,
    }));
}

function listNotEvaluated(policy: PolicyName, skipped: ReadonlyMap<string, string>): readonly NotEvaluated[] {
  const fixed = undecidableChecks.map(({ check, reason }) => ({ check: check.id, reason }));
  const asked = new Set(allChecks.filter((check) => check.policies.includes(policy)).map((check) => check.id));
  return [...fixed, ...[...skipped].map(([check, reason]) => ({ check, reason }))]
    .filter((each) => asked.has(each.check))
    .toSorted((one, other) => (one.check < other.check ? -1 : 1));
}

function countBySeverity(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return Object.fromEntries(severities.map((severity) => [severity, count(severity)])) as Record<Severity, number>;
}
