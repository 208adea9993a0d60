import type { FailOn } from '../config/scan-names.js';
import type { Inventory } from '../scan/sbom/inventory.js';
import type { ScanResult } from '../scan/scan-tree.js';

export type { FailOn } from '../config/scan-names.js';

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
