import { readFileSync, truncateSync } from 'node:fs';

/** Cuts off a last line that a crash left without its end: it would swallow the line that is written after it. */
export function dropTornLine(file: string): void {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) truncateSync(file, end);
}
