import type { TextTemplates } from '../render/text-template.js';
import type { Inventory } from '../scan/sbom/inventory.js';
import type { ScanReport } from './scan-report.js';
import type { TextOptions } from './text.js';

export const reportFormats = ['text', 'json', 'sarif', 'html', 'cyclonedx', 'spdx'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** What some formats need beyond the report; asked for only by those. */
export interface ReportSources {
  readonly text: TextOptions;
  readonly loadTemplates: () => Promise<TextTemplates>;
  readonly collectInventory: () => Promise<Inventory>;
}

/** The report in a format, without a line end at its end. Errors: those of the sources. */
export async function renderReport(format: ReportFormat, report: ScanReport, sources: ReportSources): Promise<string> {
  const { scannedAt, tool } = report;
  switch (format) {
    case 'text':
      return (await import('./text.js')).renderText(report, sources.text);
    case 'json':
      return (await import('./json.js')).renderJsonReport(report);
    case 'sarif':
      return (await import('./sarif.js')).renderSarif(report);
    case 'html':
      return (await import('./html.js')).renderHtml(report, await sources.loadTemplates());
    case 'cyclonedx': {
      const inventory = await sources.collectInventory();
      return (await import('./cyclonedx.js')).renderCycloneDx({ inventory, scannedAt, tool });
    }
    case 'spdx': {
      const inventory = await sources.collectInventory();
      return (await import('./spdx.js')).renderSpdx({ inventory, scannedAt, tool });
    }
  }
}
