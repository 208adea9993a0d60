import { describe, expect, it } from '@jest/globals';
import { renderCycloneDx } from '../../src/report/cyclonedx.js';
import { renderSpdx } from '../../src/report/spdx.js';
import { collectInventory } from '../../src/scan/sbom/inventory.js';
import { NOW } from '../scan/rules/fixtures/common.js';
import { distributions } from '../scan/rules/fixtures/distributions.js';
import { aMemoryTree, type MemoryFiles } from '../support/memory-tree.js';
import { validateCycloneDx, validateSpdx } from '../support/report-validators.js';

const LATER = new Date(NOW.getTime() + 60_000);

const manifests: MemoryFiles = {
  '/usr/share/doc/openssh-server/copyright':
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: Expat or GPL-2+\n',
  '/srv/node_modules/@acme/ui/package.json': '{"name":"@acme/ui","version":"1.0.0-rc.1+b","license":"(MIT OR ISC)"}',
  '/srv/node_modules/odd/package.json': '{"name":"odd","version":"1 \\u001b<b>","license":"WTF, really"}',
  '/srv/a\nb/node_modules/broken/package.json': '{',
  '/opt/venv/lib/python3.11/site-packages/x.dist-info/METADATA':
    'Name: x\nVersion: 1\nLicense-Expression: MIT AND ISC\n',
};

async function anInventoryReport(system: 'debian-12' | 'rhel-9' = 'debian-12', scannedAt = NOW) {
  const tree = aMemoryTree({ ...distributions[system], ...manifests }, 'image é.qcow2');
  const inventory = await collectInventory(tree, { now: scannedAt });
  return { inventory, scannedAt, tool: { name: 'buildimg', version: '1.2.3' } };
}

describe.each(['debian-12', 'rhel-9'] as const)('the SBOM of %s', (system) => {
  it("is a CycloneDX 1.5 document for CycloneDX's own validator", async () => {
    const bom = renderCycloneDx(await anInventoryReport(system));

    expect(await validateCycloneDx(bom)).toEqual([]);
    expect(await validateCycloneDx(bom.replace('"library"', '"libary"'))).not.toEqual([]);
  });

  it("is an SPDX 2.3 document for the SPDX project's own validator", async () => {
    const document = renderSpdx(await anInventoryReport(system));

    expect(await validateSpdx(document)).toEqual([]);
    expect(await validateSpdx(document.replace('"CC0-1.0"', '"MIT"'))).toEqual([
      'data_license must be "CC0-1.0", but is: MIT',
    ]);
  }, 180_000);

  it('lists every package in both formats', async () => {
    const report = await anInventoryReport(system);

    const { components } = JSON.parse(renderCycloneDx(report)) as { components: readonly { purl: string }[] };
    const { packages } = JSON.parse(renderSpdx(report)) as {
      packages: readonly { externalRefs?: readonly { referenceLocator: string }[] }[];
    };

    const purls = report.inventory.packages.map(({ purl }) => purl);
    expect(purls.length).toBeGreaterThan(5);
    expect(components.map(({ purl }) => purl)).toEqual(purls);
    expect(packages.slice(1).map(({ externalRefs }) => externalRefs?.[0]?.referenceLocator)).toEqual(purls);
  });
});

describe('an SBOM', () => {
  it('takes its serial number from its content, and its time from the clock', async () => {
    const [first, later] = [await anInventoryReport(), await anInventoryReport('debian-12', LATER)];

    const [bom, laterBom] = [first, later].map(
      (report) => JSON.parse(renderCycloneDx(report)) as { serialNumber: string; metadata: { timestamp: string } },
    );
    expect(laterBom?.serialNumber).toBe(bom?.serialNumber);
    expect([bom, laterBom].map((each) => each?.metadata.timestamp)).toEqual([NOW.toISOString(), LATER.toISOString()]);
    expect(JSON.parse(renderCycloneDx(await anInventoryReport('rhel-9'))).serialNumber).not.toBe(bom?.serialNumber);
  });

  it('says that it is incomplete where something could not be read', async () => {
    const report = await anInventoryReport();

    expect(JSON.parse(renderCycloneDx(report))).toMatchObject({
      compositions: [{ aggregate: 'incomplete' }],
      metadata: {
        properties: expect.arrayContaining([{ name: 'buildimg:gap', value: expect.stringContaining('broken') }]),
      },
    });
    expect(JSON.parse(renderSpdx(report)).comment).toMatch(/^Incomplete:\n/);
  });

  it('asserts no licence that it does not know, and keeps what the package says', async () => {
    const { packages } = JSON.parse(renderSpdx(await anInventoryReport())) as {
      packages: readonly { name: string; licenseDeclared: string; licenseComments?: string }[];
    };

    expect(packages.find(({ name }) => name === 'odd')).toMatchObject({
      licenseDeclared: 'NOASSERTION',
      licenseComments: 'The package says: WTF, really',
    });
    expect(packages.find(({ name }) => name === '@acme/ui')?.licenseDeclared).toBe('(MIT OR ISC)');
  });
});
