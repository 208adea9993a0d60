// A recorded output of packer, cut where the replay has to do something else than to repeat it.
import { readFileSync } from 'node:fs';

export interface Transcript {
  /** Up to and with `Connected to SSH!`. */
  readonly launch: readonly string[];
  /** What the user's script printed. */
  readonly script: readonly string[];
  /** That script failed. */
  readonly isFailure: boolean;
  /** From the stop of the instance on, or from the failed step on. */
  readonly capture: readonly string[];
  /** From the end of the instance to the last word. */
  readonly cleanup: readonly string[];
}

/** Lines without their timestamps. */
export function readTranscript(file: string): Transcript {
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(line.indexOf(',') + 1));
  const at = (text: string): number => lines.findIndex((line) => line.includes(text));
  const connected = at('Connected to SSH!') + 1;
  const failed = at('Provisioning step had errors');
  const capture = failed === -1 ? at('Stopping the source instance') : failed;
  const cleanup = at('Terminating the source AWS instance');
  const script = at('Provisioning with shell script: scripts/') + 1;
  const next = lines.findIndex((line, index) => index > script && line.includes('Provisioning with shell script: /'));
  return {
    launch: lines.slice(0, connected),
    script: lines.slice(script, next === -1 ? capture : next),
    isFailure: failed !== -1,
    capture: lines.slice(capture, cleanup),
    cleanup: lines.slice(cleanup),
  };
}
