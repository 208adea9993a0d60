// The corpus: clean images of five distributions, and faults planted into them one at a time. Every one must be found.
import { describe, expect, it } from '@jest/globals';
import type { PolicyName } from '../../../src/scan/finding.js';
import { ruleGroups } from '../../../src/scan/rules/catalogue.js';
import { scanTree } from '../../../src/scan/scan-tree.js';
import { aMemoryTree } from '../../support/memory-tree.js';
import { allFaults } from './faults/all.js';
import { plantFault } from './faults/fault.js';
import { NOW } from './fixtures/common.js';
import { distributions } from './fixtures/distributions.js';

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
  for (const fault of allFaults) {
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
    expect(allFaults.length).toBeGreaterThanOrEqual(120);
  });

  it('has a fault for every check that files can decide', () => {
    const planted = new Set(allFaults.map((fault) => fault.expect.check));

    const missing = ruleGroups.flatMap((group) => group.checks).filter((check) => !planted.has(check.id));

    expect(missing.map((check) => check.id)).toEqual([]);
  });
});
