import type { FoundPackage } from '../inventory.js';

/** METADATA of a wheel or PKG-INFO of an egg (https://packaging.python.org/specifications/core-metadata/). */
export function parsePythonMetadata(text: string): Omit<FoundPackage, 'path'> | undefined {
  const [headers = ''] = text.split(/\r?\n\r?\n/);
  const name = findHeader(headers, 'Name');
  const version = findHeader(headers, 'Version');
  if (name === undefined || version === undefined) return undefined;
  return { type: 'pypi', name, version, licenses: findLicenses(headers) };
}

/** The expression of new metadata; before it, a free text, and classifiers where the text is the licence itself. */
function findLicenses(headers: string): readonly string[] {
  const expression = findHeader(headers, 'License-Expression') ?? findHeader(headers, 'License');
  if (expression !== undefined && expression.length <= 80 && expression !== 'UNKNOWN') return [expression];
  const classifiers = [...headers.matchAll(/^Classifier:[ \t]?License ::(.*)$/gm)];
  const names = classifiers.map(([, path = '']) => path.split('::').at(-1)?.trim() ?? '');
  return names.filter((name) => name !== '' && name !== 'OSI Approved');
}

function findHeader(headers: string, name: string): string | undefined {
  // Nothing here may try a line twice: one of 256 KiB of spaces would take minutes.
  const value = new RegExp(`^${name}:(.*)$`, 'im').exec(headers)?.[1]?.trim();
  return value === '' ? undefined : value;
}
