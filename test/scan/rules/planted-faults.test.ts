// The corpus: clean images of five distributions, and faults planted into them one at a time. Every one must be found.
import { describe, expect, it } from '@jest/globals';
import type { PolicyName } from '../../../src/scan/finding.js';
import { ruleGroups } from '../../../src/scan/rules/catalogue.js';
import { scanTree } from '../../../src/scan/scan-tree.js';
import { aMemoryTree } from '../../support/memory-tree.js';
import { accountFaults } from './faults/accounts.js';
import { cloudFaults } from './faults/cloud.js';
import { type PlantedFault, plantFault } from './faults/fault.js';
import { keyFaults } from './faults/keys.js';
import { residueFaults } from './faults/residue.js';
import { secretFaults } from './faults/secrets.js';
import { sshdFaults } from './faults/sshd.js';
import { systemFaults } from './faults/system.js';
import { NOW } from './fixtures/common.js';
import { distributions } from './fixtures/distributions.js';

const faults: readonly PlantedFault[] = [
  ...accountFaults,
  ...sshdFaults,
  ...keyFaults,
  ...residueFaults,
  ...secretFaults,
  ...systemFaults,
  ...cloudFaults,
];
const policies: readonly PolicyName[] = ['baseline', 'shared', 'marketplace', 'cis-l1'];

describe('scanTree on clean images', () => {
  for (const [name, files] of Object.entries(distributions)) {
    for (const policy of policies) {
      it(`has nothing above low on ${name} under ${policy}`, async () => {
        const { findings, gaps } = await scanTree(aMemoryTree(files), { policy, now: NOW });

        expect(findings.filter((finding) => /critical|high|medium/.test(finding.severity))).toEqual([]);
        expect(gaps).toEqual([]);
      });
    }
  }
});

describe('scanTree on images with a planted fault', () => {
  for (const fault of faults) {
    const { name, on = 'debian-12', policy = 'marketplace', expect: expected } = fault;
    it(`finds ${name} (${expected.check} on ${on})`, async () => {
      const clean = distributions[on] ?? {};
      const before = await scanTree(aMemoryTree(clean), { policy, now: NOW });

      const { findings } = await scanTree(aMemoryTree(plantFault(clean, fault)), { policy, now: NOW });

      const isNew = findings.filter(
        (finding) => !before.findings.some((other) => JSON.stringify(other) === JSON.stringify(finding)),
      );
      expect(isNew).toContainEqual(expect.objectContaining(expected));
    });
  }
});

describe('the corpus', () => {
  it('has at least 120 faults', () => {
    expect(faults.length).toBeGreaterThanOrEqual(120);
  });

  it('has a fault for every check that files can decide', () => {
    const planted = new Set(faults.map((fault) => fault.expect.check));

    const missing = ruleGroups.flatMap((group) => group.checks).filter((check) => !planted.has(check.id));

    expect(missing.map((check) => check.id)).toEqual([]);
  });
});
