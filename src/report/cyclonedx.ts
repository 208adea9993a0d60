import type { InventoryPackage } from '../scan/sbom/inventory.js';
import { findLicenseExpression } from '../scan/sbom/license-expression.js';
import { createContentUuid } from './content-uuid.js';
import type { InventoryReport } from './scan-report.js';

/**
 * A CycloneDX 1.5 bill of materials (https://cyclonedx.org/docs/1.5/json/), without a line end. The serial number comes
 * from the content: the same packages give the same one.
 */
export function renderCycloneDx({ inventory, scannedAt, tool }: InventoryReport): string {
  const { os, target, packages, gaps } = inventory;
  const system = {
    type: 'operating-system',
    'bom-ref': 'system',
    name: os.id,
    ...(os.versionId === '' ? {} : { version: os.versionId }),
    description: `${os.prettyName} in ${target}`,
  };
  const components = packages.map(toComponent);
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${createContentUuid(JSON.stringify({ system, components, gaps }))}`,
    version: 1,
    metadata: {
      timestamp: scannedAt.toISOString(),
      tools: { components: [{ type: 'application', name: tool.name, version: tool.version }] },
      component: system,
      properties: gaps.map(({ path, reason }) => ({ name: 'buildimg:gap', value: `${path}: ${reason}` })),
    },
    components,
    dependencies: [{ ref: system['bom-ref'], dependsOn: components.map((each) => each['bom-ref']) }],
    // What was not installed by a package manager is not in it, so it never claims to be complete.
    compositions: [{ aggregate: gaps.length === 0 ? 'unknown' : 'incomplete', assemblies: [system['bom-ref']] }],
  };
  return JSON.stringify(bom, undefined, 2);
}

function toComponent({ type, name, version, purl, licenses, source, architecture, paths }: InventoryPackage) {
  const [scope, scoped] = type === 'npm' && name.startsWith('@') ? name.split('/') : [undefined, name];
  const properties = [
    ...(architecture ? [{ name: 'buildimg:architecture', value: architecture }] : []),
    ...(source ? [{ name: 'buildimg:source-package', value: source }] : []),
  ];
  return {
    type: 'library',
    'bom-ref': purl,
    ...(scope === undefined ? {} : { group: scope }),
    name: scoped ?? name,
    version,
    ...(licenses.length === 0 ? {} : { licenses: toLicenses(licenses) }),
    purl,
    ...(properties.length === 0 ? {} : { properties }),
    evidence: { occurrences: paths.map((location) => ({ location })) },
  };
}

function toLicenses(licenses: readonly string[]) {
  const expression = findLicenseExpression(licenses);
  return expression === undefined ? [...new Set(licenses)].map((name) => ({ license: { name } })) : [{ expression }];
}
