import { createHash } from 'node:crypto';
import type { InventoryPackage } from '../scan/sbom/inventory.js';
import { findLicenseExpression } from '../scan/sbom/license-expression.js';
import { createContentUuid } from './content-uuid.js';
import type { InventoryReport } from './scan-report.js';

const DOCUMENT = 'SPDXRef-DOCUMENT';
const SYSTEM = 'SPDXRef-System';
/** "Nobody looked": what SPDX wants said instead of a guess. */
const NO_ASSERTION = 'NOASSERTION';

const UNKNOWN = {
  downloadLocation: NO_ASSERTION,
  filesAnalyzed: false,
  licenseConcluded: NO_ASSERTION,
  copyrightText: NO_ASSERTION,
};

/** An SPDX 2.3 document in JSON (https://spdx.github.io/spdx-spec/v2.3/), without a line end. */
export function renderSpdx({ inventory, scannedAt, tool }: InventoryReport): string {
  const { os, target, gaps } = inventory;
  const system = {
    SPDXID: SYSTEM,
    name: os.id,
    ...(os.versionId === '' ? {} : { versionInfo: os.versionId }),
    supplier: NO_ASSERTION,
    ...UNKNOWN,
    licenseDeclared: NO_ASSERTION,
    comment: `${os.prettyName} in ${target}`,
    primaryPackagePurpose: 'OPERATING-SYSTEM',
  };
  const packages = inventory.packages.map(toPackage);
  const uuid = createContentUuid(JSON.stringify({ system, packages, gaps }));
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name: target,
    documentNamespace: `https://spdx.org/spdxdocs/${tool.name}-${uuid}`,
    creationInfo: {
      // Whole seconds: the specification knows no others.
      created: scannedAt.toISOString().replace(/\.\d+Z$/, 'Z'),
      creators: [`Tool: ${tool.name}-${tool.version}`],
    },
    ...(gaps.length === 0
      ? {}
      : { comment: ['Incomplete:', ...gaps.map(({ path, reason }) => `${path}: ${reason}`)].join('\n') }),
    packages: [system, ...packages],
    relationships: [
      { spdxElementId: DOCUMENT, relationshipType: 'DESCRIBES', relatedSpdxElement: SYSTEM },
      ...packages.map(({ SPDXID }) => ({
        spdxElementId: SYSTEM,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: SPDXID,
      })),
    ],
  };
  return JSON.stringify(document, undefined, 2);
}

function toPackage({ type, name, version, purl, licenses, source, paths }: InventoryPackage) {
  const declared = findLicenseExpression(licenses);
  const sources = [...(source ? [`built from ${source}`] : []), `found at ${paths.join(', ')}`];
  return {
    SPDXID: `SPDXRef-${type}-${name.replaceAll(/[^A-Za-z0-9.-]+/g, '-')}-${hash(purl)}`,
    name,
    versionInfo: version,
    supplier: NO_ASSERTION,
    ...UNKNOWN,
    licenseDeclared: declared ?? NO_ASSERTION,
    ...(declared === undefined && licenses.length > 0
      ? { licenseComments: `The package says: ${licenses.join(', ')}` }
      : {}),
    sourceInfo: sources.join('; '),
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
  };
}

/** Two packages may differ only in what an SPDX id cannot hold. */
function hash(purl: string): string {
  return createHash('sha256').update(purl).digest('hex').slice(0, 12);
}
