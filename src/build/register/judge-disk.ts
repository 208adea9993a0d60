import { writeFile } from 'node:fs/promises';
import type { WaiverConfig } from '../../config/resolved-config.js';
import { createError } from '../../errors.js';
import { renderJsonReport } from '../../report/json.js';
import type { ReportTool } from '../../report/scan-report.js';
import { summarizeScan } from '../../report/summarize.js';
import { openDiskImageTree } from '../../scan/tree/image/open-disk-image-tree.js';
import type { BuildContext } from '../context.js';
import { judgeTree, listFailing } from '../judge-tree.js';
import type { Run } from '../run.js';
import type { Registration } from './registration.js';

export interface JudgeDiskOptions {
  readonly run: Run;
  readonly waivers: readonly WaiverConfig[];
  readonly tool: ReportTool;
  readonly context: BuildContext;
  readonly signal: AbortSignal;
}

/**
 * Holds a disk against its policy before anything of it leaves this machine; the report goes into the folder of the run.
 * Errors: DISK_FINDINGS, and those of reading the disk.
 */
export async function judgeDisk(
  { disk, scan }: Registration,
  { run, waivers, tool, context, signal }: JudgeDiskOptions,
): Promise<void> {
  if (scan === undefined) return;
  const tree = await openDiskImageTree(disk, { signal });
  try {
    const now = new Date(context.clock.now());
    const report = await judgeTree(tree, { image: { scan: { ...scan, waivers } }, tool, now, signal });
    await writeFile(run.scanFile, `${renderJsonReport(report)}\n`, { mode: 0o600 });
    const { counts, policy } = report.result;
    context.emit('scan.finished', {
      subject: 'image',
      policy,
      counts,
      failing: report.isFailing,
      report: run.scanFile,
    });
    if (!report.isFailing) return;
    throw createError('DISK_FINDINGS', [disk, policy, summarizeScan(report), listFailing(report), run.scanFile]);
  } finally {
    await tree.close();
  }
}
