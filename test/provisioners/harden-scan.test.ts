// Harden and scan have controls and checks of the same ids, and have to mean the same by them: where a control holds its
// check finds nothing, and where it is undone exactly that check does.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { allChecks } from '../../src/scan/rules/catalogue.js';
import { getSealedDebian } from '../support/sealed-debian.js';
import { MUTATIONS, makePackages } from './support/harden-mutations.js';
import { ROOTFS_TIMEOUT_MS } from './support/rootfs.js';
import type { MutationScan, ScannedIds } from './support/scan-mutations.js';

// The name of a function of another process.
const CHILD = `
const { loadModule } = await import(process.cwd() + '/scripts/load-module.mjs');
const { scanMutations } = await loadModule('test/provisioners/support/scan-mutations.ts');
process.stdout.write(JSON.stringify(await scanMutations(JSON.parse(process.argv[1]))));
`;

describe('harden and scan', () => {
  const checks = new Set(allChecks.map(({ id }) => id));
  const shared = MUTATIONS.filter(({ id }) => checks.has(id));
  let work: string;

  beforeEach(async () => {
    work = await mkdtemp(join(tmpdir(), 'buildimg-mutations-'));
  });

  afterEach(() => rm(work, { recursive: true }));

  it('share most of their ids', () => {
    expect(shared.length).toBeGreaterThan(35);
  });

  it.each(['debian-12', 'debian-13'] as const)(
    'mean the same by every id that they share, on %s',
    async (os) => {
      const root = await getSealedDebian({ os, profile: 'cis-l1' });

      const found = await scanApart({ root, work, mutations: shared, prepare: makePackages('telnetd') });

      const expected = shared.map(({ id }) => [id, [id]] as const);
      expect(found).toEqual({ clean: [], ...Object.fromEntries(expected) });
    },
    ROOTFS_TIMEOUT_MS,
  );
});

async function scanApart(scan: MutationScan): Promise<ScannedIds> {
  const node = ['node', '--input-type=module', '--eval', CHILD, JSON.stringify(scan)];
  const { stdout } = await execa('unshare', ['--mount', '--propagation', 'private', ...node]);
  return JSON.parse(stdout) as ScannedIds;
}
