import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type MachineImage, RUN_TAG } from '../../aws/ports.js';
import type { Grantees } from '../../config/publish-config.js';
import type { ImagePlan, PlannedSource } from '../../plan/image-plan.js';
import { findPublicationStep } from '../../plan/publication-plan.js';
import { assertNoLinkOnTheWay } from '../links-on-the-way.js';
import type { ImageScan } from '../scan-image.js';
import { readScanTags } from '../scan-tags.js';
import { homeOf, type Ledger, type PublishScope, type WrittenParameter } from './publish-scope.js';

/** What an image is and where it is, for programs. Raise `format` when a field changes its meaning. */
export interface ImageManifest {
  readonly format: 1;
  readonly image: string;
  readonly version: string;
  readonly architecture: string;
  readonly name: string;
  /** Hex SHA-256 over everything that decides what is in it. */
  readonly inputs: string;
  readonly source: PlannedSource;
  /** The run that made it; undefined for one that says nothing of it. */
  readonly run: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The region that it was built in. */
  readonly region: string;
  readonly amis: Readonly<Record<string, { readonly id: string; readonly snapshots: readonly string[] }>>;
  readonly parameters: readonly WrittenParameter[];
  /** What the config says; others may have been allowed before. */
  readonly sharedWith: Grantees | undefined;
  readonly scan: ManifestScan | undefined;
}

export interface ManifestScan {
  readonly policy: string;
  /** Severity → how many. */
  readonly counts: Readonly<Record<string, number>>;
  /** Hex SHA-256 of the CycloneDX SBOM. */
  readonly sbomSha256: string | undefined;
  /** Absolute files on this machine; undefined when the image was scanned by another run. */
  readonly report: string | undefined;
  readonly sbom: ImageScan['sbom'] | undefined;
}

/** The manifest of what is in `ledger`. Pure. */
export function describeManifest(plan: ImagePlan, ledger: Ledger, scan: ImageScan | undefined): ImageManifest {
  const { region, image } = homeOf(ledger);
  return {
    format: 1,
    image: plan.image,
    version: plan.version,
    architecture: plan.architecture,
    name: plan.amiName,
    inputs: plan.inputsDigest,
    source: plan.source,
    run: image.tags[RUN_TAG],
    createdAt: image.creationDate,
    region,
    amis: Object.fromEntries(
      ledger.images.map((place) => [place.region, { id: place.image.id, snapshots: place.image.snapshotIds }]),
    ),
    parameters: ledger.parameters,
    sharedWith: findPublicationStep(plan.publication, 'share')?.grantees,
    scan: describeScan(image, scan),
  };
}

/** The image's tags say it, whichever run has scanned it. */
function describeScan(image: MachineImage, scan: ImageScan | undefined): ManifestScan | undefined {
  const said = readScanTags(image);
  if (scan === undefined) return said === undefined ? undefined : { ...said, report: undefined, sbom: undefined };
  const { policy, counts, report, sbom } = scan;
  return { policy, counts, sbomSha256: said?.sbomSha256, report, sbom };
}

/** Writes the manifest as a whole or not at all. Errors: OUTPUT_PATH_UNSAFE when a link leads out of the config's folder. */
export function writeManifest(file: string, scope: PublishScope): void {
  const { root } = scope.request.facts;
  assertNoLinkOnTheWay(root, path.relative(root, file).split(path.sep).join('/'));
  mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.${scope.context.randomHex(4)}.partial`;
  try {
    const text = `${JSON.stringify(describeManifest(scope.plan, scope.ledger, scope.scan), undefined, 2)}\n`;
    writeFileSync(partial, text, { flag: 'wx' });
    renameSync(partial, file);
  } finally {
    rmSync(partial, { force: true });
  }
}
