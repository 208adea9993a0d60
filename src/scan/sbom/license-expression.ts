import parse from 'spdx-expression-parse';

/**
 * What licences mean together as an SPDX expression; undefined when one of them cannot be said in SPDX's names, since an
 * expression that leaves one out would be wrong.
 */
export function findLicenseExpression(licenses: readonly string[]): string | undefined {
  const expressions = licenses.map((license) => translate(license));
  const known = new Set(expressions.filter((each) => each !== undefined));
  if (known.size === 0 || expressions.includes(undefined)) return undefined;
  if (known.size === 1) return [...known][0];
  return [...known].map((each) => (/ OR /i.test(each) ? `(${each})` : each)).join(' AND ');
}

function translate(license: string): string | undefined {
  // Debian's names first: SPDX has retired `GPL-2.0` and `GPL-2.0+`, but still takes them.
  return [translateDebian(license), license].find((each) => each !== undefined && isExpression(each));
}

/** A `LicenseRef-…` is one as well, but of a text that only its package has. */
function isExpression(text: string): boolean {
  if (/(?:License|Document)Ref-/i.test(text)) return false;
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Debian's short names, where they differ from SPDX's. */
function translateDebian(license: string): string | undefined {
  const gnu = /^(A?GPL|LGPL|GFDL)-(\d)(?:\.(\d))?(\+?)$/.exec(license);
  if (gnu) return `${gnu[1]}-${gnu[2]}.${gnu[3] ?? '0'}-${gnu[4] === '+' ? 'or-later' : 'only'}`;
  return DEBIAN_NAMES.get(license.toLowerCase());
}

const DEBIAN_NAMES: ReadonlyMap<string, string> = new Map([
  ['expat', 'MIT'],
  ['apache-2', 'Apache-2.0'],
  ['artistic-2', 'Artistic-2.0'],
  ['bsd-2-clause', 'BSD-2-Clause'],
  ['bsd-3-clause', 'BSD-3-Clause'],
  ['bsd-4-clause', 'BSD-4-Clause'],
  ['bsd-4-clause-uc', 'BSD-4-Clause-UC'],
  ['cc0', 'CC0-1.0'],
  ['isc', 'ISC'],
  ['mpl-2', 'MPL-2.0'],
  ['zlib', 'Zlib'],
]);
