import type { ShapeCheck } from './check-shape.js';
import { findValue, parsePointer, pathKey } from './config-path.js';
import type { Origin } from './expand-references.js';

/**
 * Turns `sshPort: ${var:port}`, which has become the text "2222", into the number that the schema asks for; booleans
 * likewise. Text that was written out stays text: a quoted number is a mistake. Returns whether anything changed.
 */
export function coerceReferences(checks: readonly ShapeCheck[], origins: ReadonlyMap<string, Origin>): boolean {
  let isChanged = false;
  for (const { path, value, errors } of checks) {
    for (const { keyword, params, instancePath } of errors) {
      if (keyword !== 'type') continue;
      const inner = parsePointer(instancePath, value);
      if (!origins.has(pathKey([...path, ...inner]))) continue;
      const parent = findValue(value, inner.slice(0, -1)) as Record<string | number, unknown>;
      const key = inner.at(-1) ?? '';
      const coerced = coerce(String(parent[key]), String(params['type']));
      if (coerced === undefined) continue;
      parent[key] = coerced;
      isChanged = true;
    }
  }
  return isChanged;
}

function coerce(text: string, type: string): number | boolean | undefined {
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return undefined;
}
