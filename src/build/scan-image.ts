import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { MachineImage } from '../aws/ports.js';
import type { FailOn, PolicyName, Severity } from '../config/scan-names.js';
import { BuildimgError } from '../errors.js';
import { renderCycloneDx } from '../report/cyclonedx.js';
import { renderJsonReport } from '../report/json.js';
import type { ScanReport } from '../report/scan-report.js';
import { renderSpdx } from '../report/spdx.js';
import { summarizeScan } from '../report/summarize.js';
import { collectInventory } from '../scan/sbom/inventory.js';
import type { FileTree } from '../scan/tree/file-tree.js';
import type { BuildImageRequest } from './build-request.js';
import type { BuildContext } from './context.js';
import { createFindingsError, judgeTree } from './judge-tree.js';
import { openCapturedTree } from './open-captured-tree.js';
import type { Run } from './run.js';
import { formatScanTags } from './scan-tags.js';
import { runStep } from './steps.js';
import { untilKnown } from './until-known.js';

/** What the scan of an image came to, and where its papers are. */
export interface ImageScan {
  readonly policy: PolicyName;
  readonly failOn: FailOn;
  /** Whether a finding is of `failOn` or worse; such an image is there only because findings were allowed. */
  readonly failing: boolean;
  readonly counts: Readonly<Record<Severity, number>>;
  /** File with the JSON report. */
  readonly report: string;
  readonly sbom: { readonly cyclonedx: string; readonly spdx: string };
}

export interface ScanImageOptions {
  readonly run: Run;
  readonly request: BuildImageRequest;
  readonly context: BuildContext;
  /** What becomes of an image with findings, for the message. */
  readonly fate: string;
}

/**
 * Looks at what was captured, writes report and SBOMs into the folder of the run, and says on the image what came of it.
 * Undefined when the image could not be read and nothing was asked of it; that is a warning.
 * @throws SCAN_FINDINGS, unless findings are allowed; what reading the snapshot throws, when something was asked.
 */
export async function scanImage(image: MachineImage, options: ScanImageOptions): Promise<ImageScan | undefined> {
  const { request, context } = options;
  try {
    return await runStep(context, 'scan image', () => scanCaptured(image, options));
  } catch (error) {
    const mayPass = request.image.scan.failOn === 'none' || request.allowFindings;
    const isUnread = error instanceof BuildimgError && error.code !== 'SCAN_FINDINGS';
    if (!mayPass || !isUnread || request.interruption.signal.aborted) throw error;
    context.emit('warning.raised', { message: `${image.id} was not scanned: ${error.message}` });
    return undefined;
  }
}

async function scanCaptured(image: MachineImage, options: ScanImageOptions): Promise<ImageScan> {
  const { run, request, context, fate } = options;
  const { signal } = request.interruption;
  const tree = await openCapturedTree(image, request.aws.snapshots, signal);
  try {
    const now = new Date(context.clock.now());
    const report = await judgeTree(tree, { image: request.image, tool: request.tool, now, signal });
    const sbom = await writePapers(report, { tree, run, signal });
    const { counts, policy } = report.result;
    context.emit('scan.finished', {
      subject: 'image',
      policy,
      counts,
      failing: report.isFailing,
      report: run.scanFile,
    });
    if (report.isFailing && !request.allowFindings) {
      throw createFindingsError(report, { image: request.image.name, fate, reportFile: run.scanFile });
    }
    if (report.isFailing) {
      const message = `${image.id} is kept although it does not pass policy ${policy}: ${summarizeScan(report)}`;
      context.emit('warning.raised', { message });
    }
    const tags = formatScanTags(report, sbom.digest);
    await untilKnown(image.id, { context, signal }, () => request.aws.resources.tagImage(image.id, tags));
    return {
      policy,
      failOn: report.failOn,
      failing: report.isFailing,
      counts,
      report: run.scanFile,
      sbom: { cyclonedx: run.cycloneDxFile, spdx: run.spdxFile },
    };
  } finally {
    await tree.close();
  }
}

interface Papers {
  readonly tree: FileTree;
  readonly run: Run;
  readonly signal: AbortSignal;
}

/** The report also of an image that fails: its AMI goes, and what was wrong with it has to stay. */
async function writePapers(
  report: ScanReport,
  { tree, run, signal }: Papers,
): Promise<{ /** Hex SHA-256 of the CycloneDX file. */ readonly digest: string }> {
  await writeFile(run.scanFile, `${renderJsonReport(report)}\n`, { mode: 0o600 });
  const inventory = await collectInventory(tree, { now: report.scannedAt, signal });
  const { scannedAt, tool } = report;
  const cycloneDx = `${renderCycloneDx({ inventory, scannedAt, tool })}\n`;
  await writeFile(run.cycloneDxFile, cycloneDx, { mode: 0o600 });
  await writeFile(run.spdxFile, `${renderSpdx({ inventory, scannedAt, tool })}\n`, { mode: 0o600 });
  return { digest: createHash('sha256').update(cycloneDx).digest('hex') };
}
