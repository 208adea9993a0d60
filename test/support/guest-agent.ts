import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuestResult } from './guest.js';
import type { Home } from './run-cli.js';

interface Agent {
  ask(execute: string, args: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  close(): void;
}

const ANSWER_LIMIT_MS = 60_000;
const COMMAND_LIMIT_MS = 300_000;
const POLL_INTERVAL_MS = 500;

/** Runs a shell command as root in a guest of the sandbox, by QEMU's agent: also where no key lets anybody in. */
export async function runByAgent(home: Home, instanceId: string, command: string): Promise<GuestResult> {
  const agent = openAgent(join(home.folder, 'buildimg', 'sandbox', 'machines', 'instances', instanceId, 'agent.sock'));
  try {
    const started = await agent.ask('guest-exec', {
      path: '/bin/sh',
      arg: ['-c', `exec 2>&1; ${command}`],
      'capture-output': true,
    });
    for (let waitedMs = 0; waitedMs < COMMAND_LIMIT_MS; waitedMs += POLL_INTERVAL_MS) {
      const status = await agent.ask('guest-exec-status', { pid: started['pid'] });
      if (status['exited'] === true) return readResult(status);
      await sleep(POLL_INTERVAL_MS);
    }
    throw new Error(`no end of "${command}" on ${instanceId}`);
  } finally {
    agent.close();
  }
}

function readResult(status: Readonly<Record<string, unknown>>): GuestResult {
  const { 'out-data': output = '', exitcode = -1 } = status as {
    readonly 'out-data'?: string;
    readonly exitcode?: number;
  };
  return { status: exitcode, output: Buffer.from(output, 'base64').toString().trim() };
}

function openAgent(socketFile: string): Agent {
  const socket = connect(socketFile);
  const lines = createInterface({ input: socket });
  return {
    async ask(execute, args) {
      const line = nextLine(lines, socket, execute);
      socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
      const answer = JSON.parse(await line) as { return?: Record<string, unknown>; error?: { desc: string } };
      if (answer.return === undefined) throw new Error(`${execute}: ${answer.error?.desc}`);
      return answer.return;
    },
    close: () => void socket.destroy(),
  };
}

function nextLine(lines: NodeJS.EventEmitter, socket: Socket, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`no answer to ${question}`)), ANSWER_LIMIT_MS);
    const finish = (act: () => void) => {
      clearTimeout(limit);
      act();
    };
    lines.once('line', (line: string) => finish(() => resolve(line)));
    socket.once('error', (error) => finish(() => reject(error)));
  });
}
