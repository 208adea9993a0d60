import type { FoundPackage } from '../inventory.js';

/** package.json of an installed package. Errors: SyntaxError where it is no JSON. */
export function parsePackageJson(text: string): Omit<FoundPackage, 'path'> | undefined {
  const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  if (!isRecord(parsed)) return undefined;
  const { name, version, license, licenses } = parsed;
  // Packages hold further package.json that only say `{"type": "module"}`.
  if (typeof name !== 'string' || typeof version !== 'string') return undefined;
  const all: readonly unknown[] = Array.isArray(licenses) ? licenses : [license];
  return { type: 'npm', name, version, licenses: all.map(nameLicense).filter((each) => each !== undefined) };
}

/** Old packages wrote `{"type": "MIT", "url": …}`. */
function nameLicense(license: unknown): string | undefined {
  if (typeof license === 'string' && license !== '') return license;
  return isRecord(license) && typeof license['type'] === 'string' ? license['type'] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
