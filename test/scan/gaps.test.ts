import { describe, expect, it } from '@jest/globals';
import { createError } from '../../src/errors.js';
import { createScanReport } from '../../src/report/scan-report.js';
import { summarizeScan } from '../../src/report/summarize.js';
import { explainGap, listSystemGaps } from '../../src/scan/gaps.js';
import { scanTree } from '../../src/scan/scan-tree.js';
import type { TreeGap } from '../../src/scan/tree/file-tree.js';
import { aMemoryTree } from '../support/memory-tree.js';
import { NOW } from './rules/fixtures/common.js';
import { distributions } from './rules/fixtures/distributions.js';

const tool = { name: 'buildimg', version: '1.2.3' };

async function report(gap: TreeGap, limits: { failOn: 'critical' | 'none'; allowGaps?: boolean }) {
  const tree = { ...aMemoryTree(distributions['debian-12'] ?? {}), gaps: [gap] };
  const result = await scanTree(tree, { policy: 'baseline', now: NOW });
  return createScanReport(result, limits, { scannedAt: NOW, tool });
}

describe('listSystemGaps', () => {
  it.each<[boolean, TreeGap]>([
    [true, { path: '/', reason: 'more than 20 entries' }],
    [true, { path: '/etc', reason: 'permission denied' }],
    [true, { path: '/etc/shadow', reason: 'bad block' }],
    [true, { path: '/home/ann/.ssh', reason: 'permission denied' }],
    [true, { path: '/root', reason: 'permission denied' }],
    [true, { path: '/boot/efi', reason: 'file is on a different filesystem; not dumped' }],
    [true, { path: '/var/lib/dpkg/status', reason: 'bad block' }],
    [true, { path: '/srv', reason: 'a btrfs filesystem, which is not read', kind: 'volume' }],
    [true, { path: '/dev/sdf', reason: 'its snapshot snap-1 was not read', kind: 'volume' }],
    [false, { path: '/srv/data', reason: 'permission denied' }],
    [false, { path: '/mnt/nfs', reason: 'a filesystem that is no part of an image' }],
    [false, { path: '/etcetera', reason: 'permission denied' }],
    [false, { path: '/var/cache/app', reason: 'bad block' }],
    [false, { path: '/usr/bin/passwd', reason: 'its content was not collected', kind: 'later' }],
  ])('is %s for %j', (fails, gap) => {
    expect(listSystemGaps([gap])).toEqual(fails ? [gap] : []);
  });
});

describe('explainGap', () => {
  it('tells what a later scan reads from what is damaged', () => {
    expect(explainGap(createError('SCAN_NOT_COLLECTED', ['/usr/bin/su'])).kind).toBe('later');
    expect(explainGap(createError('SCAN_READ_FAILED', ['/etc/shadow', 'bad block'])).kind).toBeUndefined();
    expect(explainGap('it is too large')).toEqual({ reason: 'it is too large' });
  });
});

describe('createScanReport', () => {
  const gap = { path: '/', reason: 'the XFS log holds changes', kind: 'volume' } as const;

  it('fails for a volume that was not read, although nothing else is wrong', async () => {
    const made = await report(gap, { failOn: 'critical' });

    expect(made).toMatchObject({ isFailing: true, failingGaps: [gap] });
    expect(summarizeScan(made)).toMatch(/1 place not read · fails: 1 place of the system not read$/);
  });

  it('passes when gaps are allowed, or nothing fails', async () => {
    expect((await report(gap, { failOn: 'critical', allowGaps: true })).isFailing).toBe(false);
    expect((await report(gap, { failOn: 'none' })).isFailing).toBe(false);
  });

  it('passes with a gap outside of the system', async () => {
    expect((await report({ path: '/srv/x', reason: 'bad block' }, { failOn: 'critical' })).isFailing).toBe(false);
  });
});
