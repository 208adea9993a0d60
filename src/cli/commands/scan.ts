import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { loadTextTemplates } from '../../build/load-templates.js';
import { createError, ExitCode } from '../../errors.js';
import { type ReportFormat, renderReport } from '../../report/render-report.js';
import { createScanReport, type ScanLimits, type ScanReport } from '../../report/scan-report.js';
import { summarizeScan } from '../../report/summarize.js';
import type { PolicyName } from '../../scan/finding.js';
import { collectInventory } from '../../scan/sbom/inventory.js';
import { scanTree } from '../../scan/scan-tree.js';
import type { FileTree } from '../../scan/tree/file-tree.js';
import { abortOnSignal } from '../abort-on-signal.js';
import type { CliContext } from '../cli-context.js';
import { formatDuration } from '../format-duration.js';
import { loadWaivers } from '../load-waivers.js';
import { openScanTarget } from '../open-scan-target.js';
import { createPaint } from '../paint.js';
import { showWaiting } from '../show-waiting.js';
import { VERSION } from '../version.js';

export interface ScanOptions extends ScanLimits {
  readonly policy: PolicyName;
  readonly format: ReportFormat;
  readonly output?: string;
  readonly waivers?: string;
  readonly sandbox?: boolean;
  readonly region?: string;
}

/** Looks at what an image holds and says what is wrong with it. Changes nothing; exits 5 for what the policy refuses. */
export async function scan(target: string, options: ScanOptions, cli: CliContext): Promise<ExitCode> {
  const interruption = abortOnSignal();
  const { signal } = interruption;
  const startedAt = cli.now();
  const stopWaiting = showWaiting(`Scanning ${target} …`, cli);
  try {
    const outputFile = await findOutputFile(options, cli);
    const waivers =
      options.waivers === undefined ? [] : await loadWaivers(resolve(cli.currentDirectory, options.waivers));
    const { sandbox: isSandbox = false, region } = options;
    const { tree, image } = await openScanTarget({ target, isSandbox, region, signal }, cli);
    try {
      const now = new Date(cli.now());
      const result = await scanTree(tree, { policy: options.policy, image, waivers, now, signal });
      const tool = { name: 'buildimg', version: VERSION };
      const report = createScanReport(result, options, { scannedAt: now, tool });
      const text = await renderScan(report, { tree, options, signal }, cli);
      stopWaiting();
      await writeReport(text, outputFile, cli);
      const elapsed = formatDuration(cli.now() - startedAt);
      cli.output.progress(`Scanned in ${elapsed}: ${summarizeScan(report)}`);
      return report.isFailing ? ExitCode.findings : ExitCode.done;
    } finally {
      await tree.close();
    }
  } catch (error) {
    stopWaiting();
    throw error;
  } finally {
    interruption.stop();
  }
}

interface Scanned {
  readonly tree: FileTree;
  readonly options: ScanOptions;
  readonly signal: AbortSignal;
}

async function renderScan(report: ScanReport, { tree, options, signal }: Scanned, cli: CliContext): Promise<string> {
  const { answers } = cli.output;
  const isOnTerminal = options.output === undefined && answers.hasColor;
  return await renderReport(options.format, report, {
    text: { width: answers.columns, style: createPaint(isOnTerminal) },
    loadTemplates: async () => await loadTextTemplates(cli.currentDirectory),
    collectInventory: async () => await collectInventory(tree, { now: report.scannedAt, signal }),
  });
}

/** A mistake in the path shows before the scan, not after it. */
async function findOutputFile({ output }: ScanOptions, cli: CliContext): Promise<string | undefined> {
  if (output === undefined) return undefined;
  const file = resolve(cli.currentDirectory, output);
  const folder = await stat(dirname(file)).catch(() => undefined);
  if (folder?.isDirectory() !== true) throw createError('SCAN_OUTPUT_UNWRITABLE', [file, 'its folder does not exist']);
  const existing = await stat(file).catch(() => undefined);
  if (existing?.isDirectory() === true) throw createError('SCAN_OUTPUT_UNWRITABLE', [file, 'it is a folder']);
  return file;
}

async function writeReport(text: string, file: string | undefined, { output }: CliContext): Promise<void> {
  if (file === undefined) {
    output.answer(text);
    return;
  }
  try {
    await writeFileAtomic(file, `${text}\n`);
  } catch (error) {
    throw createError('SCAN_OUTPUT_UNWRITABLE', [file, error instanceof Error ? error.message : String(error)], {
      cause: error,
    });
  }
}
