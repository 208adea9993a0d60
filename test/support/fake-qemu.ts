import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBE_LINE } from '../../src/sandbox/machine/probe-initrd.js';

/** What the program does once it is started. */
export type QemuBehavior =
  /** A guest that comes to life: it writes to its disk and sshd answers; for a probe, the line is printed. */
  | 'works'
  /** Ends with its words before it can be talked to. */
  | 'dies'
  /** Can be talked to, and ends with its words soon after. */
  | 'dies-later'
  /** Ends without a word. */
  | 'dies-silently'
  /** Can be talked to; its guest does nothing, and SIGTERM does not end it. */
  | 'hangs'
  /** As QEMU does when KVM reports an internal error: it goes on, its guest does not. */
  | 'halts'
  /** The guest powers itself off before sshd is up. */
  | 'powers-off';

export interface FakeQemuScript {
  readonly version?: string;
  /** Of a machine that boots a kernel of its own choice, which is what a probe does. */
  readonly probe?: QemuBehavior;
  readonly kvm?: QemuBehavior;
  readonly tcg?: QemuBehavior;
}

export interface FakeQemu {
  readonly program: string;
  /** From now on. */
  become(script: FakeQemuScript): void;
  /** Each start so far: `probe`, `kvm` or `tcg`, with its process id. */
  readStarts(): readonly { readonly role: string; readonly pid: number }[];
}

export const LAST_WORDS = 'qemu: error: failed to set MSR 0x10a to 0x69';

/** Writes a program that takes QEMU's arguments and behaves, by accelerator, as told. */
export function writeFakeQemu(folder: string, script: FakeQemuScript = {}): FakeQemu {
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'qemu-system-x86_64');
  const become = (next: FakeQemuScript) => writeFileSync(join(folder, 'script.json'), JSON.stringify(next));
  become(script);
  writeFileSync(join(folder, 'starts'), '');
  writeFileSync(
    program,
    `#!${process.execPath}\nconst HERE = ${JSON.stringify(folder)}, LINE = ${JSON.stringify(PROBE_LINE)}, WORDS = ${JSON.stringify(LAST_WORDS)};\n${SOURCE}`,
  );
  chmodSync(program, 0o755);
  return {
    program,
    become,
    readStarts: () =>
      readFileSync(join(folder, 'starts'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ role: line.split(' ')[0] ?? '', pid: Number(line.split(' ')[1]) })),
  };
}

const SOURCE = `
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:net');
const script = JSON.parse(readFileSync(HERE + '/script.json', 'utf8'));
const args = process.argv.slice(2);
const option = (name) => args[args.indexOf(name) + 1];
if (args.includes('--version')) {
  console.log(script.version ?? 'QEMU emulator version 7.2.22');
  process.exit(0);
}
const isProbe = args.includes('-kernel');
const accelerator = option('-accel').startsWith('kvm') ? 'kvm' : 'tcg';
const role = isProbe ? 'probe' : accelerator;
const behavior = script[role] ?? 'works';
appendFileSync(HERE + '/starts', role + ' ' + process.pid + '\\n');
const die = () => { process.stderr.write(WORDS + '\\n'); process.exit(1); };
if (behavior === 'dies') die();
if (behavior === 'dies-silently') process.exit(1);
const works = behavior === 'works';
writeFileSync(option('-serial').replace('file:', ''), works && isProbe ? LINE + '\\n' : '');
if (behavior === 'hangs') process.on('SIGTERM', () => undefined);
const answers = {
  'query-status': { status: behavior === 'halts' ? 'internal-error' : 'running' },
  'query-blockstats': [{ stats: { wr_operations: works ? 5 : 0 } }],
};
createServer((socket) => {
  const send = (message) => socket.write(JSON.stringify(message) + '\\r\\n');
  socket.on('error', () => undefined);
  send({ QMP: { version: {}, capabilities: [] } });
  let text = '';
  socket.on('data', (bytes) => {
    const lines = (text + bytes).split('\\n');
    text = lines.pop();
    for (const line of lines) {
      const { execute, id } = JSON.parse(line);
      send({ return: answers[execute] ?? {}, id });
      if (execute === 'quit') setTimeout(() => process.exit(0), 10);
      if (execute === 'qmp_capabilities' && behavior === 'dies-later') setTimeout(die, 200);
      if (execute === 'qmp_capabilities' && behavior === 'powers-off') {
        setTimeout(() => send({ event: 'SHUTDOWN', data: { guest: true, reason: 'guest-shutdown' } }), 100);
        setTimeout(() => process.exit(0), 200);
      }
    }
  });
}).listen(option('-qmp').replace('unix:', '').split(',')[0]);
const [, host, port] = /hostfwd=tcp:([^:]+):(\\d+)-/.exec(args.join(' '));
if (works && !isProbe) createServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-fake\\r\\n')).listen(Number(port), host);
setInterval(() => undefined, 1_000);
`;
