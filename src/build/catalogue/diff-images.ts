import type { PolicyName } from '../../config/scan-names.js';
import { createFingerprinter } from '../../report/fingerprint.js';
import type { Finding } from '../../scan/finding.js';
import type { ImageMetadata } from '../../scan/image-metadata.js';
import { comparePackages, type PackageChange } from '../../scan/sbom/compare-packages.js';
import type { ImageContents } from './read-contents.js';

export interface DiffSide {
  readonly image: ImageMetadata;
  readonly contents: ImageContents;
}

/** What changed from one image to another. */
export interface ImageDiff {
  readonly before: ImageLabel;
  readonly after: ImageLabel;
  /** Properties that EC2 knows, then tags; undefined: not set. */
  readonly properties: readonly ValueChange[];
  readonly tags: readonly ValueChange[];
  readonly packages: readonly PackageChange[];
  readonly findings: {
    readonly policy: PolicyName;
    readonly appeared: readonly Finding[];
    readonly vanished: readonly Finding[];
  };
}

export interface ImageLabel {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  /** The run whose papers say what is in it; undefined: its snapshot was read. */
  readonly run: string | undefined;
}

export interface ValueChange {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Pure: the same two images give the same differences. */
export function diffImages(before: DiffSide, after: DiffSide, policy: PolicyName): ImageDiff {
  return {
    before: labelOf(before),
    after: labelOf(after),
    properties: compareValues(listProperties(before.image), listProperties(after.image)),
    tags: compareValues(before.image.tags, after.image.tags),
    packages: comparePackages(before.contents.packages, after.contents.packages),
    findings: {
      policy,
      appeared: without(after.contents.findings, before.contents.findings),
      vanished: without(before.contents.findings, after.contents.findings),
    },
  };
}

function labelOf({ image: { id, name, region }, contents: { run } }: DiffSide): ImageLabel {
  return { id, name, region, run };
}

type Values = Readonly<Record<string, string | undefined>>;

function listProperties(image: ImageMetadata): Values {
  const root = image.devices.find(({ name }) => name === image.rootDeviceName);
  return {
    state: image.state,
    architecture: image.architecture,
    'boot mode': image.bootMode,
    IMDS: image.imdsSupport,
    TPM: image.tpmSupport,
    'root device': image.rootDeviceName,
    'root size': root?.sizeGib === undefined ? undefined : `${root.sizeGib} GiB`,
    'root volume type': root?.volumeType,
    encrypted: root === undefined ? undefined : String(root.isEncrypted),
    devices: String(image.devices.length),
    public: String(image.isPublic),
    'shared with': image.sharedWith?.toSorted().join(', '),
    deprecated: image.deprecatedAt,
    'deregistration protection': image.deregistrationProtection,
    description: image.description,
  };
}

function compareValues(before: Values, after: Values): readonly ValueChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .map((name) => ({ name, before: before[name], after: after[name] }))
    .filter((change) => change.before !== change.after);
}

/** Findings of the first list that the second does not have; the line may have moved. */
function without(findings: readonly Finding[], others: readonly Finding[]): readonly Finding[] {
  const known = new Set(others.map(createFingerprinter()));
  const nameOf = createFingerprinter();
  return findings.filter((finding) => !known.has(nameOf(finding)));
}
