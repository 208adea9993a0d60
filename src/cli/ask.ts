import { createInterface } from 'node:readline/promises';
import type { CliContext } from './cli-context.js';

/** Asks on the terminal; an input that ends is an empty answer. Rejects when the signal aborts. */
export async function ask(
  question: string,
  { cli, signal }: { readonly cli: Pick<CliContext, 'stderr' | 'output'>; readonly signal: AbortSignal },
): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: cli.stderr });
  const ended = new Promise<string>((resolve) => {
    lines.once('close', () => resolve(''));
  });
  try {
    return await Promise.race([lines.question(cli.output.toShown(question), { signal }), ended]);
  } finally {
    lines.close();
  }
}
