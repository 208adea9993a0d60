import { createHash } from 'node:crypto';
import type { Finding } from '../scan/finding.js';

/**
 * Makes a function that names findings so that the same one has the same name in the next scan: by check, place and what
 * is said, not by line, which moves. The second of two that say the same gets another name.
 */
export function createFingerprinter(): (finding: Finding) => string {
  const seen = new Map<string, number>();
  return ({ check, path = '', message }) => {
    const said = message.replace(/ \(its waiver expired on [^)]*\)$/, '');
    const name = createHash('sha256').update([check, path, said].join('\0')).digest('hex').slice(0, 32);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return `${name}:${count}`;
  };
}
