import { describe, expect, it } from '@jest/globals';
import { formatScanTags, isKnownToPass, readScanTags } from '../../src/build/scan-tags.js';
import type { ScanConfig } from '../../src/config/resolved-config.js';
import { aScanReport } from '../support/a-scan-report.js';

const SCAN: ScanConfig = { policy: 'shared', failOn: 'high', waivers: [] };
const TAGS = {
  'buildimg:scan-policy': 'shared',
  'buildimg:scan-findings': 'critical=0 high=0 medium=2 low=1',
};

describe('formatScanTags', () => {
  it('counts by severity, worst first, under the policy that was asked for', async () => {
    const report = await aScanReport();

    const tags = formatScanTags(report, 'abc');

    const { critical, high, medium, low } = report.result.counts;
    expect(tags).toEqual({
      'buildimg:scan-policy': report.result.policy,
      'buildimg:scan-findings': `critical=${critical} high=${high} medium=${medium} low=${low}`,
      'buildimg:sbom-sha256': 'abc',
    });
  });
});

describe('the tags of an image that could not be read as a whole', () => {
  it('count the places of the system', async () => {
    const report = await aScanReport();
    const gaps = [{ path: '/', reason: 'a log that was not replayed', kind: 'volume' as const }];

    const tags = formatScanTags({ ...report, result: { ...report.result, gaps } }, 'abc');

    expect(tags['buildimg:scan-gaps']).toBe('1');
    expect(readScanTags({ tags })?.gaps).toBe(1);
  });
});

describe('isKnownToPass', () => {
  it.each<[string, Partial<ScanConfig>, Readonly<Record<string, string>>, boolean]>([
    ['nothing as bad as that', {}, TAGS, true],
    ['something as bad as that', { failOn: 'medium' }, TAGS, false],
    ['another policy', { policy: 'marketplace' }, TAGS, false],
    ['an image that was never scanned', {}, {}, false],
    ['a tag that somebody cut', {}, { ...TAGS, 'buildimg:scan-findings': 'critical=0' }, false],
    ['places that were not read', {}, { ...TAGS, 'buildimg:scan-gaps': '1' }, false],
    ['places that were not read, and are accepted', { allowGaps: true }, { ...TAGS, 'buildimg:scan-gaps': '1' }, true],
    ['nothing asked', { failOn: 'none' }, {}, true],
  ])('judges %s', (_what, changes, tags, expected) => {
    const isKnown = isKnownToPass({ tags }, { ...SCAN, ...changes });

    expect(isKnown).toBe(expected);
  });
});
