import { describe, expect, it } from '@jest/globals';
import { findLicenseExpression } from '../../../src/scan/sbom/license-expression.js';

describe('findLicenseExpression', () => {
  it.each([
    [['MIT'], 'MIT'],
    [['Expat', 'MIT'], 'MIT'],
    [['GPL-2+'], 'GPL-2.0-or-later'],
    [['LGPL-2.1', 'GPL-2.0'], 'LGPL-2.1-only AND GPL-2.0-only'],
    [['MIT OR Apache-2.0', 'Zlib'], '(MIT OR Apache-2.0) AND Zlib'],
  ])('says %j as %s', (licenses, expression) => {
    expect(findLicenseExpression(licenses)).toBe(expression);
  });

  it.each([[[]], [['GPLv2+']], [['MIT', 'permissive']], [['SEE LICENSE IN LICENSE.md']], [['LicenseRef-own']]])(
    'says nothing of %j',
    (licenses) => {
      expect(findLicenseExpression(licenses)).toBeUndefined();
    },
  );
});
