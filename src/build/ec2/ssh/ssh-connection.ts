// One connection of the system's OpenSSH, shared by all sessions. It ends with its standard input, so with this process,
// however that ends.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createError } from '../../../errors.js';
import type { ShortScript } from '../../../plugins/types.js';
import { hasErrorCode } from '../../has-error-code.js';
import type { ScriptResult } from '../run-script.js';
import { readAnswer, renderRequest, renderRootCommand, renderWorkerCommand, WORKER_READY } from './root-worker.js';
import { listSshArguments, type SshAddress } from './ssh-options.js';

export interface SshScope {
  readonly address: SshAddress;
  /** With the key and the known hosts. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export interface SshConnection {
  /** Undefined when the connection ended, or the answer did not come in time; then the connection is closed. */
  run(script: ShortScript): Promise<ScriptResult | undefined>;
  /** Runs a script in a session of its own, as root, and joins what is given to it. Errors: EC2_SSH_FAILED. */
  stream(script: string, ends: { readonly input?: Readable; readonly output?: Writable }): Promise<void>;
  readonly isOpen: () => boolean;
  close(): void;
}

const READY_LIMIT_MS = 30_000;
/** On top of what the script may take on the instance. */
const ANSWER_ALLOWANCE_MS = 60_000;

/** Errors: EC2_SSH_FAILED with ssh's own words; EC2_SSH_MISSING. */
export async function openSshConnection(scope: SshScope): Promise<SshConnection> {
  const { address, signal } = scope;
  const master = spawnSsh(['master', renderWorkerCommand(address.user)], scope);
  const end = followEnd(master);
  const answers = new Map<number, (answer: ScriptResult) => void>();
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: master.stdout }).on('line', (line) => {
      if (line === WORKER_READY) resolve();
      const answer = readAnswer(line);
      if (answer !== undefined) answers.get(answer.id)?.(answer);
    });
  });
  const close = (): void => void master.kill();
  signal.addEventListener('abort', close, { once: true });
  void end.finished.then(() => signal.removeEventListener('abort', close));
  // An instance that takes the connection and then says nothing.
  if (
    (await within(
      READY_LIMIT_MS,
      ready.then(() => 'ready'),
      end.finished,
    )) !== 'ready'
  ) {
    close();
    await end.finished;
    signal.throwIfAborted();
    throw end.describe();
  }
  let count = 0;
  return {
    isOpen: () => !end.isEnded(),
    close,
    async run(script) {
      count += 1;
      const id = count;
      const answer = new Promise<ScriptResult>((resolve) => answers.set(id, resolve));
      master.stdin.write(renderRequest(id, script));
      const result = await within(script.limitSeconds * 1000 + ANSWER_ALLOWANCE_MS, answer, end.finished);
      answers.delete(id);
      signal.throwIfAborted();
      if (result === undefined) close();
      return result;
    },
    async stream(script, { input, output }) {
      const session = spawnSsh(['session', renderRootCommand(address.user, script)], scope);
      const ended = followEnd(session);
      const moved = Promise.allSettled([
        input === undefined ? session.stdin.end() : pipeline(input, session.stdin),
        output === undefined ? session.stdout.resume() : pipeline(session.stdout, output),
      ]);
      const code = await ended.finished;
      const failed = (await moved).find(({ status }) => status === 'rejected');
      signal.throwIfAborted();
      if (code !== 0 || failed !== undefined) throw ended.describe(failed);
    },
  };
}

function spawnSsh([role, command]: readonly ['master' | 'session', string], scope: SshScope) {
  const { address, folder, environment } = scope;
  const child = spawn('ssh', [...listSshArguments(address, role), command], {
    cwd: folder,
    env: environment,
    // A session of its own: Ctrl-C is for buildimg, which still has to clean up, and there is no terminal to ask on.
    detached: true,
    stdio: 'pipe',
  });
  // What is written to a connection that has ended is lost, and its end says so.
  child.stdin.on('error', () => undefined);
  return child;
}

function followEnd(child: ChildProcessWithoutNullStreams) {
  let words = '';
  let ending: unknown;
  child.stderr.on('data', (text: Buffer) => {
    words = (words + text.toString('utf8')).slice(-2000);
  });
  const finished = new Promise<number | undefined>((resolve) => {
    child.once('error', (error) => {
      ending = error;
      resolve(undefined);
    });
    child.once('close', (code) => {
      ending ??= `ssh ended with exit code ${code ?? 'none'}`;
      resolve(code ?? undefined);
    });
  });
  return {
    finished,
    isEnded: () => ending !== undefined,
    describe(cause?: unknown) {
      if (hasErrorCode(ending, 'ENOENT')) return createError('EC2_SSH_MISSING', ['ssh'], { cause: ending });
      return createError('EC2_SSH_FAILED', [words.trim() || String(ending)], { cause });
    },
  };
}

/** The value, or undefined when `ended` comes first or the time is up. */
async function within<T>(limitMs: number, value: Promise<T>, ended: Promise<unknown>): Promise<T | undefined> {
  const limit = AbortSignal.timeout(limitMs);
  const late = new Promise<undefined>((resolve) =>
    limit.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  return await Promise.race([value, ended.then(() => undefined), late]);
}
