// What is asked of the agent in the guest: a graceful reboot, and to run a script, which stands in for the SSM agent.
// https://www.qemu.org/docs/master/interop/qemu-ga-ref.html

import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of an agent that may not be there. */
const PING_LIMIT_MS = 3_000;
/** Of an agent that answered: an emulated machine at work takes its time. */
const ANSWER_LIMIT_MS = 10_000;
const FIRST_POLL_MS = 50;
const LONGEST_POLL_MS = 500;

export interface GuestScript {
  /** Shell text; its first line may say `#!/bin/bash`, else `sh` runs it. */
  readonly script: string;
  /** Absolute folder in the guest that the script is kept in while it runs; made when it is missing, and left. */
  readonly folder: string;
  readonly workingDirectory?: string;
  readonly timeoutMs: number;
  /** Aborted: the script is killed. */
  readonly signal: AbortSignal;
}

export type GuestRun =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: Buffer; readonly stderr: Buffer }
  | { readonly kind: 'timed-out' | 'cancelled' }
  /** The agent went away while the script ran: a reboot, or a machine that died. */
  | { readonly kind: 'lost'; readonly reason: string };

/** Whether an agent listens in the guest; QEMU itself accepts the connection either way. */
export async function pingGuest(socketFile: string): Promise<boolean> {
  return await call(socketFile, 'guest-ping', {}, PING_LIMIT_MS).then(
    () => true,
    () => false,
  );
}

/** Resolves true when an agent listens and has been told; guest-shutdown has no answer, so nothing more can be known. */
export async function requestGuestReboot(socketFile: string): Promise<boolean> {
  if (!(await pingGuest(socketFile))) return false;
  await call(socketFile, 'guest-shutdown', { mode: 'reboot' }, 200).catch(() => undefined);
  return true;
}

/** Runs a script as root and waits for its end. Never throws. */
export async function runGuestScript(socketFile: string, run: GuestScript): Promise<GuestRun> {
  const { script, folder, workingDirectory = folder, timeoutMs, signal } = run;
  try {
    const { pid } = (await call(socketFile, 'guest-exec', {
      path: '/bin/sh',
      arg: ['-c', KEEP_AND_RUN, 'ssm', folder, workingDirectory, findShell(script)],
      'input-data': Buffer.from(script).toString('base64'),
      'capture-output': true,
    })) as { readonly pid: number };
    const ended = await waitForEnd(socketFile, { pid, limit: AbortSignal.timeout(timeoutMs), signal });
    if (ended !== undefined) return ended;
    // guest-exec makes every process the leader of a session of its own.
    const kill = { path: '/bin/sh', arg: ['-c', `kill -KILL -- -${pid}`] };
    await call(socketFile, 'guest-exec', kill).catch(() => undefined);
    return { kind: signal.aborted ? 'cancelled' : 'timed-out' };
  } catch (error) {
    return { kind: 'lost', reason: error instanceof Error ? error.message : String(error) };
  }
}

const KEEP_AND_RUN =
  'umask 077; mkdir -p "$1" && cat >"$1/_script.sh" && cd "$2" && umask 022 && exec "$3" "$1/_script.sh" </dev/null';

function findShell(script: string): string {
  return /^#! *\/(?:usr\/)?bin\/(?:env +)?bash\b/.test(script) ? '/bin/bash' : '/bin/sh';
}

interface Status {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly signal?: number;
  readonly 'out-data'?: string;
  readonly 'err-data'?: string;
}

async function waitForEnd(
  socketFile: string,
  { pid, limit, signal }: { readonly pid: number; readonly limit: AbortSignal; readonly signal: AbortSignal },
): Promise<GuestRun | undefined> {
  const ending = AbortSignal.any([limit, signal]);
  for (let delayMs = FIRST_POLL_MS; !ending.aborted; delayMs = Math.min(delayMs * 1.3, LONGEST_POLL_MS)) {
    const status = (await call(socketFile, 'guest-exec-status', { pid })) as Status;
    if (status.exited) {
      return {
        kind: 'exited',
        exitCode: status.exitcode ?? 128 + (status.signal ?? 0),
        stdout: Buffer.from(status['out-data'] ?? '', 'base64'),
        stderr: Buffer.from(status['err-data'] ?? '', 'base64'),
      };
    }
    await sleep(delayMs, undefined, { signal: ending }).catch(() => undefined);
  }
  return undefined;
}

let lastSync = 0;

/** QEMU lets one client in at a time: who waits at its door would use up the time that it has for an answer. */
const doors = new Map<string, Promise<unknown>>();

function call(
  socketFile: string,
  execute: string,
  args: Readonly<Record<string, unknown>> = {},
  limitMs = ANSWER_LIMIT_MS,
): Promise<unknown> {
  const callNow = () => connectAndCall(socketFile, { execute, args, limitMs });
  const answer = (doors.get(socketFile) ?? Promise.resolve()).then(callNow);
  const door = answer.catch(() => undefined);
  doors.set(socketFile, door);
  void door.then(() => {
    if (doors.get(socketFile) === door) doors.delete(socketFile);
  });
  return answer;
}

interface Call {
  readonly execute: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly limitMs: number;
}

/** One call on a connection of its own. What an earlier client left unread is skipped: 0xFF resets the agent's parser. */
function connectAndCall(socketFile: string, { execute, args, limitMs }: Call): Promise<unknown> {
  lastSync += 1;
  const sync = lastSync;
  return new Promise((resolve, reject) => {
    const socket = connect(socketFile);
    const limit = setTimeout(() => fail(new Error(`the guest's agent did not answer ${execute}`)), limitMs);
    const fail = (error: Error): void => {
      clearTimeout(limit);
      socket.destroy();
      reject(error);
    };
    socket.once('error', fail);
    socket.once('close', () => fail(new Error('the guest’s agent hung up')));
    let isSynced = false;
    readLines(socket, (answer) => {
      if (!isSynced) {
        isSynced = answer['return'] === sync;
        if (isSynced) socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
        return;
      }
      clearTimeout(limit);
      socket.removeAllListeners('close').destroy();
      const { error } = answer as { readonly error?: { readonly desc?: string } };
      if (error === undefined) resolve(answer['return']);
      else reject(new Error(error.desc ?? 'the guest’s agent refused'));
    });
    socket.write(
      Buffer.concat([
        Buffer.of(0xff),
        Buffer.from(`${JSON.stringify({ execute: 'guest-sync', arguments: { id: sync } })}\n`),
      ]),
    );
  });
}

function readLines(socket: Socket, receive: (answer: Readonly<Record<string, unknown>>) => void): void {
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const answer = parseAnswer(line);
      if (answer !== undefined) receive(answer);
    }
  });
}

/** What is no JSON is the rest of an answer that nobody waited for. */
function parseAnswer(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
