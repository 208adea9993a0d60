import type { FailOn } from '../config/scan-names.js';
import { listSystemGaps } from '../scan/gaps.js';
import type { Inventory } from '../scan/sbom/inventory.js';
import { isFailing, type ScanResult } from '../scan/scan-tree.js';
import type { TreeGap } from '../scan/tree/file-tree.js';

export type { FailOn } from '../config/scan-names.js';

/** Everything that a format may show. */
export interface ScanReport {
  readonly result: ScanResult;
  readonly failOn: FailOn;
  /** Whether the findings reach `failOn`, or something was not read in which such a finding may hide. */
  readonly isFailing: boolean;
  /** Places that were not read and that fail the scan; missing or empty where they are accepted. */
  readonly failingGaps?: readonly TreeGap[];
  readonly scannedAt: Date;
  readonly tool: ReportTool;
}

/** What a scan is held to. */
export interface ScanLimits {
  readonly failOn: FailOn;
  /** Accept what could not be read. */
  readonly allowGaps?: boolean | undefined;
}

/** Holds a scan to its limits. */
export function createScanReport(
  result: ScanResult,
  { failOn, allowGaps = false }: ScanLimits,
  made: Pick<ScanReport, 'scannedAt' | 'tool'>,
): ScanReport {
  const failingGaps = failOn === 'none' || allowGaps ? [] : listSystemGaps(result.gaps);
  const isFound = failOn !== 'none' && isFailing(result, failOn);
  return { result, failOn, isFailing: isFound || failingGaps.length > 0, failingGaps, ...made };
}

export interface InventoryReport {
  readonly inventory: Inventory;
  readonly scannedAt: Date;
  readonly tool: ReportTool;
}

export interface ReportTool {
  readonly name: string;
  readonly version: string;
}
