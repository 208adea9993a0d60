// What an image says of its own scan, for those who have nothing but the AMI.
import type { MachineImage } from '../aws/ports.js';
import type { ScanConfig } from '../config/resolved-config.js';
import { severities } from '../config/scan-names.js';
import type { ScanReport } from '../report/scan-report.js';
import { listSystemGaps } from '../scan/gaps.js';
import { isAtLeast } from '../scan/policies.js';

const POLICY_TAG = 'buildimg:scan-policy';
const FINDINGS_TAG = 'buildimg:scan-findings';
/** Only where something was not read that makes a scan fail. */
const GAPS_TAG = 'buildimg:scan-gaps';
const SBOM_TAG = 'buildimg:sbom-sha256';

/** `critical=0 high=0 medium=1 low=3`, the policy that it was asked for, and the digest of the CycloneDX SBOM. */
export function formatScanTags({ result }: ScanReport, sbomDigest: string): Readonly<Record<string, string>> {
  const gaps = listSystemGaps(result.gaps);
  const counted = severities.filter((severity) => severity !== 'info');
  return {
    [POLICY_TAG]: result.policy,
    [FINDINGS_TAG]: counted.map((severity) => `${severity}=${result.counts[severity]}`).join(' '),
    ...(gaps.length === 0 ? {} : { [GAPS_TAG]: String(gaps.length) }),
    [SBOM_TAG]: sbomDigest,
  };
}

export interface ScanTags {
  readonly policy: string;
  /** By severity. */
  readonly counts: Readonly<Record<string, number>>;
  /** Places of the system that were not read. */
  readonly gaps: number;
  /** Hex, of the CycloneDX bill of materials in the folder of the run. */
  readonly sbomSha256: string | undefined;
}

/** What the tags of an image say of its scan; undefined when it was not scanned. */
export function readScanTags({ tags }: Pick<MachineImage, 'tags'>): ScanTags | undefined {
  const policy = tags[POLICY_TAG];
  if (policy === undefined) return undefined;
  const counts = (tags[FINDINGS_TAG] ?? '').split(' ').filter((part) => /^[a-z]+=\d+$/.test(part));
  return {
    policy,
    gaps: Number(tags[GAPS_TAG] ?? 0),
    counts: Object.fromEntries(counts.map((part) => [part.split('=')[0], Number(part.split('=')[1])])),
    sbomSha256: tags[SBOM_TAG],
  };
}

/** Whether the tags of an image prove that it has nothing that `scan` fails for. */
export function isKnownToPass(image: Pick<MachineImage, 'tags'>, { policy, failOn, allowGaps }: ScanConfig): boolean {
  if (failOn === 'none') return true;
  const { tags } = image;
  if (allowGaps !== true && tags[GAPS_TAG] !== undefined) return false;
  if (tags[POLICY_TAG] !== policy) return false;
  const counts = new Set((tags[FINDINGS_TAG] ?? '').split(' '));
  return severities.every((severity) => !isAtLeast(severity, failOn) || counts.has(`${severity}=0`));
}
