// Machines that are not there, behind a real sshd each: it comes up with the key of the user data when the console is read
// for the first time, and hands every session to the test.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WORKER_READY } from '../../src/build/ec2/ssh/root-worker.js';
import type { GuestRun } from '../../src/sandbox/machine/guest-agent.js';
import { type Sshd, startSshd } from './an-sshd.js';
import type { FakeInstanceDriver } from './fake-instance-driver.js';

export interface SshGuests {
  /** Commands of the sessions beside the worker, in order. */
  readonly sessions: readonly string[];
  /** What sessions that ask for a file get. */
  content: Buffer;
  /** Cuts every connection; machines can be reached again. */
  hangUp(): void;
  close(): Promise<void>;
}

/** Joins a session of sshd with the test. */
const FORWARD = `import { connect } from 'node:net';
const socket = connect(process.argv[2]);
socket.write(JSON.stringify(process.env.SSH_ORIGINAL_COMMAND) + '\\n');
process.stdin.pipe(socket).pipe(process.stdout);
socket.once('close', () => process.exit(0));
`;

export async function serveSshGuests(
  driver: FakeInstanceDriver,
  answer: (script: string, instanceId: string) => GuestRun | Promise<GuestRun>,
): Promise<SshGuests> {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-guests-'));
  const machines = new Map<string, Promise<Sshd>>();
  const sockets = new Set<Socket>();
  const sessions: string[] = [];
  let ending: Promise<unknown> = Promise.resolve();
  const guests = {
    sessions,
    content: Buffer.alloc(0),
    hangUp() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const id of machines.keys()) end(id);
      await ending;
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    const lines = createInterface({ input: socket });
    lines.once('line', (first) => {
      const command = String(JSON.parse(first));
      if (command.includes(WORKER_READY)) return work(socket, lines);
      sessions.push(command);
      // A session ends when all that it was given has arrived.
      socket.once('end', () => socket.end(guests.content));
    });
  });
  server.listen(join(folder, 'socket'));
  writeFileSync(join(folder, 'forward.mjs'), FORWARD);

  function work(socket: Socket, lines: ReturnType<typeof createInterface>): void {
    socket.write(`${WORKER_READY}\n`);
    lines.on('line', (line) => void answerLine(socket, line));
  }

  async function answerLine(socket: Socket, line: string): Promise<void> {
    const [id, , text = ''] = line.split(' ');
    const run = await answer(Buffer.from(text, 'base64').toString(), 'ssh');
    const { exitCode, stdout, stderr } = run.kind === 'exited' ? run : { exitCode: 124, stdout: '', stderr: '' };
    socket.write(
      `${id} ${exitCode} =${Buffer.from(stdout).toString('base64')} =${Buffer.from(stderr).toString('base64')}\n`,
    );
  }

  async function boot(instanceId: string): Promise<Sshd> {
    await ending;
    const launch = driver.launches.find((each) => each.instanceId === instanceId);
    const [, key = ''] = /ssh_authorized_keys":\["([^"]+)"/.exec(launch?.metadata.userData ?? '') ?? [];
    const forceCommand = `${process.execPath} ${folder}/forward.mjs ${folder}/socket`;
    return await startSshd({
      address: launch?.publicIp ?? '',
      port: launch?.sshPort ?? 0,
      authorizedKey: key,
      forceCommand,
    });
  }

  // Its address is free from then on, and the next machine gets it.
  driver.onStateChange((instanceId, state) => {
    if (state === 'terminated') end(instanceId);
  });
  function end(instanceId: string): void {
    const machine = machines.get(instanceId);
    machines.delete(instanceId);
    ending = ending.then(async () => (await machine)?.close());
  }

  const readConsole = driver.readConsole.bind(driver);
  driver.readConsole = async (instanceId) => {
    const launch = driver.launches.find((each) => each.instanceId === instanceId);
    if (launch?.metadata.userData?.includes('ssh_authorized_keys') !== true) return await readConsole(instanceId);
    const machine = machines.get(instanceId) ?? boot(instanceId);
    machines.set(instanceId, machine);
    return Buffer.from((await machine).console);
  };
  return guests;
}
