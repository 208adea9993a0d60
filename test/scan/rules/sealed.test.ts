import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { allChecks } from '../../../src/scan/rules/catalogue.js';
import { sealedChecks } from '../../../src/scan/rules/sealed.js';

describe('sealedChecks', () => {
  it('names checks that there are', () => {
    const known = new Set(allChecks.map((check) => check.id));

    expect([...sealedChecks].filter((id) => !known.has(id))).toEqual([]);
  });

  it('has every control that seal verifies, but for those whose faults may also be a provisioner’s', () => {
    const verify = readFileSync(join(process.cwd(), 'provisioners/seal/verify.sh'), 'utf8');

    const controls = new Set([...verify.matchAll(/\b(?:ACC|KEY|SEAL|SSH|FB)-\d{3}\b/g)].map(([id]) => id));

    const others = [...controls].filter((id) => !sealedChecks.has(id));
    expect(others.toSorted()).toEqual(['ACC-008', 'KEY-002', 'KEY-008', 'SEAL-024', 'SSH-010']);
  });
});
