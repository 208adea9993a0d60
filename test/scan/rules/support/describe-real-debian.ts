// The table of faults on real root file systems: Debian with a kernel and a boot loader, hardened and sealed by our own
// provisioners, and read as a folder. Each fault lies alone over the clean folder.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DebianOs } from '../../../../src/sandbox/image/debian-recipe.js';
import type { PolicyName } from '../../../../src/scan/finding.js';
import { ruleGroups } from '../../../../src/scan/rules/catalogue.js';
import { createRuleContext, type RuleContext } from '../../../../src/scan/rules/context.js';
import type { Fault } from '../../../../src/scan/rules/rule.js';
import { scanTree } from '../../../../src/scan/scan-tree.js';
import type { FileTree } from '../../../../src/scan/tree/file-tree.js';
import { openFolderTree } from '../../../../src/scan/tree/folder/open-folder-tree.js';
import { ROOTFS_TIMEOUT_MS } from '../../../provisioners/support/rootfs.js';
import { noSignal } from '../../../support/scan-fixtures.js';
import { getSealedDebian } from '../../../support/sealed-debian.js';
import { allFaults } from '../faults/all.js';
import { type PlantedFault, plantOver } from '../faults/fault.js';

const LEAST_FAULTS = 120;
const NOW = new Date();

/** Tests of one release: nothing to report while it is clean, and every fault that fits it found where it is. */
export function describeRealDebian(os: DebianOs): void {
  describe(`scanTree on a real ${os}`, () => {
    const trees = new Map<string, FileTree>();
    const clean = new Map<PolicyName, RuleContext>();
    const known = new Map<string, Promise<readonly Fault[]>>();

    beforeAll(async () => {
      for (const profile of ['marketplace', 'cis-l1'] as const) {
        trees.set(profile, await openFolderTree(await getSealedDebian({ os, profile }), { signal: noSignal() }));
      }
    }, ROOTFS_TIMEOUT_MS);
    afterAll(async () => {
      for (const tree of trees.values()) await tree.close();
    });

    // A fault of cis-l1 can only show where the controls of cis-l1 hold.
    function getCleanTree(policy: PolicyName): FileTree {
      const tree = trees.get(policy === 'cis-l1' ? 'cis-l1' : 'marketplace');
      if (tree === undefined) throw new Error(`there is no ${os} for ${policy}`);
      return tree;
    }

    function getCleanContext(policy: PolicyName): RuleContext {
      const context = clean.get(policy) ?? createRuleContext({ tree: getCleanTree(policy), policy, now: NOW });
      clean.set(policy, context);
      return context;
    }

    function findKnownFaults(policy: PolicyName, check: string): Promise<readonly Fault[]> {
      const key = `${policy} ${check}`;
      const found = known.get(key) ?? findFaults(getCleanContext(policy), check);
      known.set(key, found);
      return found;
    }

    /** The database of packages, most of the work, is read anew only for a fault that lies in it. */
    async function plantFault(fault: PlantedFault, policy: PolicyName): Promise<RuleContext> {
      const context = createRuleContext({ tree: await plantOver(getCleanTree(policy), fault), policy, now: NOW });
      const isInDatabase = Object.keys(fault.plant).some((path) => path.startsWith('/var/lib/dpkg'));
      if (isInDatabase) return context;
      return Object.assign(context, { packages: async () => await getCleanContext(policy).packages() });
    }

    it.each(['baseline', 'shared', 'marketplace', 'cis-l1'] as const)(
      'has nothing above low under %s',
      async (policy) => {
        const { findings, gaps } = await scanTree(getCleanTree(policy), { policy, now: NOW });

        expect(findings.filter((finding) => /critical|high|medium/.test(finding.severity))).toEqual([]);
        expect(gaps).toEqual([]);
      },
    );

    const faults = allFaults.filter((fault) => fitsInto(os, fault));

    it(`is given at least ${LEAST_FAULTS} faults`, () => {
      expect(faults.length).toBeGreaterThanOrEqual(LEAST_FAULTS);
    });

    for (const fault of faults) {
      const { name, policy = 'marketplace', expect: expected } = fault;
      const { check, path } = expected;
      it(`finds ${name} (${check})`, async () => {
        const before = await findKnownFaults(policy, check);

        const after = await findFaults(await plantFault(fault, policy), check);

        const isNew = after.filter((each) => !before.some((other) => JSON.stringify(other) === JSON.stringify(each)));
        expect(isNew).toContainEqual(expect.objectContaining(path === undefined ? { check } : { check, path }));
      });
    }
  });
}

/** Faults for the fixture of another distribution stay there, and so do those that need a file of the fixture. */
function fitsInto(os: DebianOs, { on, fixturesOnlyBecause }: PlantedFault): boolean {
  return fixturesOnlyBecause === undefined && (on === undefined || on === os);
}

/** What the groups about its subject say about a check: not every group that finds it is the one that describes it. */
async function findFaults(context: RuleContext, check: string): Promise<readonly Fault[]> {
  const found: Fault[] = [];
  for (const group of ruleGroups.filter((each) => each.checks.some(({ id }) => subjectOf(id) === subjectOf(check)))) {
    for await (const fault of group.evaluate(context)) if (fault.check === check) found.push(fault);
  }
  return found;
}

function subjectOf(check: string): string {
  return check.slice(0, check.indexOf('-'));
}
