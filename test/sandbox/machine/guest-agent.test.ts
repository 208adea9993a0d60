// The agent's end of the socket as QEMU serves it: one client at a time, who is answered slowly.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pingGuest, runGuestScript } from '../../../src/sandbox/machine/guest-agent.js';

const ANSWER_AFTER_MS = 800;
const ANSWERS: Readonly<Record<string, unknown>> = {
  'guest-ping': {},
  'guest-exec': { pid: 7 },
  'guest-exec-status': { exited: true, exitcode: 0, 'out-data': Buffer.from('done').toString('base64') },
};

interface Question {
  readonly execute: string;
  readonly arguments?: { readonly id?: number };
}

let folder: string;
let socketFile: string;
let server: Server;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'guest-agent-'));
  socketFile = join(folder, 'agent.sock');
  let turn = Promise.resolve();
  server = createServer((socket) => {
    turn = turn.then(() => serveClient(socket));
  });
  await new Promise<void>((resolve) => server.listen(socketFile, resolve));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

describe('the agent of a guest', () => {
  it('is there for many who ask at once, however slowly it answers', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => pingGuest(socketFile)));

    expect(answers).toEqual(Array.from({ length: 6 }, () => true));
  }, 30_000);

  it('runs a script while others ask whether it is there', async () => {
    const script = { script: 'echo done', folder: '/run/x', timeoutMs: 60_000, signal: new AbortController().signal };
    const [run] = await Promise.all([
      runGuestScript(socketFile, script),
      ...Array.from({ length: 4 }, () => pingGuest(socketFile)),
    ]);

    expect(run).toEqual({ kind: 'exited', exitCode: 0, stdout: Buffer.from('done'), stderr: Buffer.alloc(0) });
  }, 30_000);

  it('is not there when nobody answers', async () => {
    server.removeAllListeners('connection');

    expect(await pingGuest(socketFile)).toBe(false);
  }, 30_000);
});

async function serveClient(socket: Socket): Promise<void> {
  const hungUp = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  createInterface({ input: socket }).on('line', (line) => void answer(socket, line.replace(/^[^{]*/, '')));
  await hungUp;
}

async function answer(socket: Socket, line: string): Promise<void> {
  const { execute, arguments: given } = JSON.parse(line) as Question;
  if (execute === 'guest-sync') {
    socket.write(`${JSON.stringify({ return: given?.id })}\n`);
    return;
  }
  await sleep(ANSWER_AFTER_MS);
  socket.write(`${JSON.stringify({ return: ANSWERS[execute] })}\n`);
}
