import type { Severity } from '../scan/finding.js';
import type { Inventory } from '../scan/sbom/inventory.js';
import type { ScanResult } from '../scan/scan-tree.js';

/** From which severity on a scan fails; `none`: it never does. */
export type FailOn = Exclude<Severity, 'info'> | 'none';

/** Everything that a format may show. */
export interface ScanReport {
  readonly result: ScanResult;
  readonly failOn: FailOn;
  /** Whether the findings reach `failOn`. */
  readonly isFailing: boolean;
  readonly scannedAt: Date;
  readonly tool: ReportTool;
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
