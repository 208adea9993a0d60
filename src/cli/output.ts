// The two streams of the command line. stdout is the answer, stderr is progress; through neither leave secrets, or
// characters that a terminal would obey.
import { createMask } from '../config/mask-secrets.js';
import { toSafeText } from './safe-text.js';

export interface Output {
  /** Writes a line of the answer. */
  answer(line: string): void;
  /** Writes a line of progress or of an error. */
  progress(line: string): void;
  /** From now on these are masked in everything that is written. */
  hideSecrets(secrets: readonly string[]): void;
  /** A text as it may be shown on stderr by those who write there themselves. */
  readonly toShown: (text: string) => string;
  readonly isTerminal: boolean;
  readonly hasColor: boolean;
  /** How an answer may look: stdout is often a file where stderr is a terminal. */
  readonly answers: { readonly hasColor: boolean; readonly columns: number };
}

type OutputStream = Pick<NodeJS.WriteStream, 'write' | 'on'> & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

/** Where the answer is no terminal: what mail and review tools show without breaking lines. */
const PLAIN_COLUMNS = 100;

export interface OutputOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly color: boolean;
  readonly quiet: boolean;
}

/** Whoever reads may go away at any time (`| head`): that ends the writing, and is no error. */
export function createOutput({ stdout, stderr, color, quiet }: OutputOptions): Output {
  let mask = createMask([]);
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') {
        throw error;
      }
    });
  }
  const onStdout = { hasColor: color && (stdout.isTTY ?? false) };
  const onStderr = { hasColor: color && (stderr.isTTY ?? false) };
  const toShown = (text: string) => toSafeText(mask(text), onStderr);
  return {
    answer: (line) => void stdout.write(`${toSafeText(mask(line), onStdout)}\n`),
    progress: (line) => void (quiet || stderr.write(`${toShown(line)}\n`)),
    hideSecrets(secrets) {
      mask = createMask(secrets);
    },
    toShown,
    isTerminal: stderr.isTTY ?? false,
    ...onStderr,
    answers: { ...onStdout, columns: stdout.columns ?? PLAIN_COLUMNS },
  };
}
