import { describe, expect, it } from '@jest/globals';
import type { Finding } from '../../src/scan/finding.js';
import { applyWaivers } from '../../src/scan/waivers.js';

const NOW = new Date('2026-11-22T12:00:00Z');

function aFinding(given: Partial<Finding> = {}): Finding {
  return { check: 'SEC-006', severity: 'high', message: 'password has a value', path: '/opt/app/config.yml', ...given };
}

describe('applyWaivers', () => {
  it('takes a finding out and keeps the reason and the day', () => {
    const waiver = { check: 'SEC-006', path: '/opt/app/**', reason: 'a sample', expires: '2027-01-31' };

    const { findings, waived, notes } = applyWaivers([aFinding()], [waiver], NOW);

    expect(findings).toEqual([]);
    expect(waived).toEqual([{ ...aFinding(), reason: 'a sample', expires: '2027-01-31' }]);
    expect(notes).toEqual([]);
  });

  it('holds until the end of its last day', () => {
    const waiver = { check: 'SEC-006', reason: 'a sample', expires: '2026-11-22' };

    const { findings } = applyWaivers([aFinding()], [waiver], NOW);

    expect(findings).toEqual([]);
  });

  it('does not waive after that, and says so', () => {
    const waiver = { check: 'SEC-006', reason: 'a sample', expires: '2026-11-21' };

    const { findings, waived, notes } = applyWaivers([aFinding()], [waiver], NOW);

    expect(findings[0]?.message).toBe('password has a value (its waiver expired on 2026-11-21)');
    expect(waived).toEqual([]);
    expect(notes[0]?.note).toContain('expired on 2026-11-21');
  });

  it('takes a day that it cannot read as past', () => {
    const waiver = { check: 'SEC-006', reason: 'a sample', expires: 'next year' };

    const { findings } = applyWaivers([aFinding()], [waiver], NOW);

    expect(findings).toHaveLength(1);
  });

  it('leaves other paths and other checks alone', () => {
    const findings = [aFinding({ path: '/srv/x.yml' }), aFinding({ check: 'SEC-001' })];
    const waiver = { check: 'SEC-006', path: '/opt/**', reason: 'a sample', expires: '2027-01-31' };

    const outcome = applyWaivers(findings, [waiver], NOW);

    expect(outcome.findings).toEqual(findings);
    expect(outcome.notes[0]?.note).toContain('fits no finding');
  });
});
