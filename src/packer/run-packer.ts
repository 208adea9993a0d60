import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Clock } from '../clock.js';
import type { PackerBinary } from './find-packer.js';
import { type PackerMessage, parseMachineReadable } from './parse-machine-readable.js';
import { packerEnvironment } from './run-tool.js';
import { signalGroup, stopPacker } from './stop-packer.js';
import { variableArguments } from './validate-template.js';

export interface RunPackerOptions {
  readonly packer: PackerBinary;
  /** Folder of the rendered template; packer runs in it. */
  readonly directory: string;
  readonly template: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Absolute path of a file with the secret ones. */
  readonly variablesFile?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  readonly clock: Clock;
  /** Aborted: packer gets one SIGINT and time to clean up. */
  readonly signal: AbortSignal;
  /** Aborted: packer and its plugins are killed. */
  readonly killSignal: AbortSignal;
  /** Called with every line as packer printed it; true when nobody else is to see it, not even the log. */
  readonly onLine?: (line: string) => boolean;
  /** Called for every other line in order, before the next is read. */
  readonly onMessage: (message: PackerMessage) => void;
  /** Takes secrets out of a line before anybody sees it. */
  readonly mask: (line: string) => string;
  /** Default 10 minutes: a metal instance takes that long to terminate. */
  readonly cleanupLimitMs?: number;
}

export interface PackerRun {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly wasInterrupted: boolean;
}

const CLEANUP_LIMIT_MS = 600_000;
/** What packer's children get to end by themselves once packer is gone. */
const STRAGGLER_LIMIT_MS = 2000;

/**
 * Runs `packer build -machine-readable` in a process group of its own, so that the terminal's Ctrl-C reaches packer
 * once, through us, and never by SIGHUP, which it does not handle: it would die and leave everything it made.
 */
export async function runPacker(options: RunPackerOptions): Promise<PackerRun> {
  const { execa } = await import('execa');
  const log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 });
  const child = execa(
    options.packer.path,
    ['build', '-machine-readable', '-color=false', ...variableArguments(options), options.template],
    {
      cwd: options.directory,
      env: packerEnvironment(options.environment),
      extendEnv: false,
      stdin: 'ignore',
      detached: true,
      reject: false,
      buffer: false,
    },
  );
  const { pid } = child;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const interrupted = onceAborted(options.signal, async () => {
    if (pid !== undefined) {
      const cleanupLimitMs = options.cleanupLimitMs ?? CLEANUP_LIMIT_MS;
      await stopPacker({ pid, ended, cleanupLimitMs, clock: options.clock, killSignal: options.killSignal });
    }
  });
  const receive = (line: string): void => {
    if (options.onLine?.(line) === true) return;
    const masked = options.mask(line);
    log.write(`${masked}\n`);
    options.onMessage(parseMachineReadable(masked) ?? { kind: 'ui', level: 'error', text: masked });
  };
  const reading = Promise.all([readLines(child.stdout, receive), readLines(child.stderr, receive)]);
  await ended;
  // A script's background process may hold the pipes open; it belongs to the group and goes with it.
  const straggling = setTimeout(() => pid !== undefined && signalGroup(pid, 'SIGKILL'), STRAGGLER_LIMIT_MS);
  const result = await child;
  await reading;
  clearTimeout(straggling);
  await interrupted.finish();
  log.end();
  await finished(log);
  return { exitCode: result.exitCode, wasInterrupted: options.signal.aborted };
}

async function readLines(stream: Readable, receive: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    receive(line);
  }
}

function onceAborted(signal: AbortSignal, act: () => Promise<void>): { readonly finish: () => Promise<void> } {
  let acting: Promise<void> | undefined;
  const start = (): void => {
    acting ??= act();
  };
  signal.addEventListener('abort', start, { once: true });
  if (signal.aborted) {
    start();
  }
  return {
    async finish() {
      signal.removeEventListener('abort', start);
      await acting;
    },
  };
}
