// What is in an image: from the papers of the run that made it, when these are provably about it, or from its snapshot.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RUN_TAG, type SnapshotReader } from '../../aws/ports.js';
import type { PolicyName } from '../../config/scan-names.js';
import type { JsonReport } from '../../report/json.js';
import type { Finding } from '../../scan/finding.js';
import type { ImageMetadata } from '../../scan/image-metadata.js';
import { collectInventory } from '../../scan/sbom/inventory.js';
import { scanTree } from '../../scan/scan-tree.js';
import type { BuildContext } from '../context.js';
import { openCapturedTree } from '../open-captured-tree.js';
import { describeRunFolder, findStateFolder } from '../run-folder.js';
import { readScanTags } from '../scan-tags.js';

export interface ImageContents {
  /** The run whose papers these are; undefined: its snapshot was read. */
  readonly run: string | undefined;
  /** Package URLs. */
  readonly packages: readonly string[];
  /** Also those that were waived: what two configs accept may differ. */
  readonly findings: readonly Finding[];
}

export interface ContentsScope {
  readonly snapshots: SnapshotReader;
  readonly context: Pick<BuildContext, 'clock' | 'environment'>;
  /** Findings are of this policy. */
  readonly policy: PolicyName;
  readonly signal: AbortSignal;
}

/** Errors: those of reading a snapshot. */
export async function readContents(image: ImageMetadata, scope: ContentsScope): Promise<ImageContents> {
  return (await readPapers(image, scope)) ?? (await readSnapshot(image, scope));
}

/** The tag on the image says which bill of materials is its own. */
async function readPapers(image: ImageMetadata, scope: ContentsScope): Promise<ImageContents | undefined> {
  const run = image.tags[RUN_TAG];
  const scanned = readScanTags(image);
  // It is part of a path, and anybody who may tag the image may write it.
  if (run === undefined || !/^r-[0-9a-z-]+$/.test(run)) return undefined;
  if (scanned?.policy !== scope.policy) return undefined;
  const folder = describeRunFolder(join(findStateFolder(scope.context.environment), 'runs', run));
  try {
    const sbom = await readFile(folder.cycloneDxFile);
    if (createHash('sha256').update(sbom).digest('hex') !== scanned.sbomSha256) return undefined;
    const { components } = JSON.parse(sbom.toString()) as { readonly components: readonly { readonly purl: string }[] };
    const report = JSON.parse(await readFile(folder.scanFile, 'utf8')) as JsonReport;
    if (report.target !== image.id || report.policy !== scope.policy) return undefined;
    return {
      run,
      packages: components.map(({ purl }) => purl),
      findings: [...report.findings, ...report.waived].map(toFinding),
    };
  } catch {
    // Not on this machine, or cut off: the snapshot knows it all.
    return undefined;
  }
}

function toFinding({ check, severity, message, path, line }: Finding): Finding {
  return {
    check,
    severity,
    message,
    ...(path === undefined ? {} : { path }),
    ...(line === undefined ? {} : { line }),
  };
}

async function readSnapshot(image: ImageMetadata, scope: ContentsScope): Promise<ImageContents> {
  const { snapshots, context, policy, signal } = scope;
  const snapshotIds = image.devices.flatMap(({ snapshotId }) => snapshotId ?? []);
  const tree = await openCapturedTree({ id: image.id, snapshotIds }, snapshots, signal);
  try {
    const now = new Date(context.clock.now());
    const inventory = await collectInventory(tree, { now, signal });
    const { findings } = await scanTree(tree, { policy, now, signal });
    return { run: undefined, packages: inventory.packages.map(({ purl }) => purl), findings: findings.map(toFinding) };
  } finally {
    await tree.close();
  }
}
