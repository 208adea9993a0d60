import type { CliContext } from './cli-context.js';
import { fitToWidth } from './reporters/fit-to-width.js';

const CLEAR_LINE = '\r\u001b[K';

/** Shows on a terminal what is going on, until the returned function is called; elsewhere it shows nothing. */
export function showWaiting(text: string, { output, stderr, quiet }: CliContext): () => void {
  if (!output.isTerminal || quiet) {
    return () => undefined;
  }
  stderr.write(fitToWidth(output.toShown(text), stderr.columns || 80));
  return () => void stderr.write(CLEAR_LINE);
}
