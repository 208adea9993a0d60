// Against a real sshd on loopback; nothing but a folder of the test is touched.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseHostKeys } from '../../../../src/build/ec2/ssh/host-keys.js';
import { openSshConnection, type SshConnection } from '../../../../src/build/ec2/ssh/ssh-connection.js';
import { type Sshd, startSshd } from '../../../support/an-sshd.js';

const ADDRESS = '127.77.0.9';
const INSTANCE = 'i-0123456789abcdef0';

let folder: string;
let sshd: Sshd;
let connection: SshConnection | undefined;
beforeEach(async () => {
  // Deeper than a socket's path may be long, and with a space.
  folder = mkdtempSync(join(tmpdir(), `${'a folder of a run '.repeat(7)}-`));
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
  sshd = await startSshd({ address: ADDRESS, authorizedKey: readFileSync(join(folder, 'key.pub'), 'utf8').trim() });
  pin(sshd.console);
});
afterEach(async () => {
  connection?.close();
  await sshd.close();
  rmSync(folder, { recursive: true });
});

describe('openSshConnection', () => {
  it('runs one script after the other and gives output, errors and exit code of each', async () => {
    connection = await open();

    const first = await connection.run({ what: 'x', text: "echo 'it''s'; echo oops >&2; exit 3", limitSeconds: 20 });
    const second = await connection.run({ what: 'x', text: 'printf "a\\n\\n"', limitSeconds: 20 });

    expect(first).toMatchObject({ exitCode: 3, stdout: 'its\n', stderr: 'oops\n' });
    expect(second).toMatchObject({ exitCode: 0, stdout: 'a\n\n', stderr: '' });
  });

  it('ends a script that takes too long and goes on', async () => {
    connection = await open();

    const late = await connection.run({ what: 'x', text: 'sleep 60', limitSeconds: 1 });
    const next = await connection.run({ what: 'x', text: 'echo on', limitSeconds: 20 });

    expect(late).toMatchObject({ exitCode: 124, status: 'it took too long' });
    expect(next).toMatchObject({ stdout: 'on\n' });
  });

  it('carries files of any bytes beside the scripts, over the one connection', async () => {
    connection = await open();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
    const target = join(folder, 'arrived');

    await connection.stream(`cat >'${target}'`, { input: Readable.from([bytes]) });

    expect(readFileSync(target).equals(bytes)).toBe(true);
    expect(countConnections(sshd.port)).toBe(1);
  });

  it('says so when a session fails', async () => {
    connection = await open();

    const failure = connection.stream('echo no room >&2; exit 1', {});

    await expect(failure).rejects.toMatchObject({
      code: 'EC2_SSH_FAILED',
      message: expect.stringContaining('no room'),
    });
  });

  it('refuses a host that has other keys than its console showed', async () => {
    const stranger = join(folder, 'stranger');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', stranger]);
    writeFileSync(join(folder, 'known_hosts'), `${INSTANCE} ${readFileSync(`${stranger}.pub`, 'utf8')}`);

    await expect(open()).rejects.toMatchObject({
      code: 'EC2_SSH_FAILED',
      message: expect.stringMatching(/host key verification failed/i),
    });
  });

  it('knows that the connection has ended, and can be opened again', async () => {
    connection = await open();
    const { port, console } = sshd;
    await sshd.close();

    const lost = await connection.run({ what: 'x', text: 'echo there', limitSeconds: 20 });

    expect([lost, connection.isOpen()]).toEqual([undefined, false]);
    sshd = await startSshd({
      address: ADDRESS,
      port,
      authorizedKey: readFileSync(join(folder, 'key.pub'), 'utf8').trim(),
    });
    expect(sshd.console).not.toBe(console);
    pin(sshd.console);
    connection = await open();
    expect(await connection.run({ what: 'x', text: 'echo again', limitSeconds: 20 })).toMatchObject({
      stdout: 'again\n',
    });
  });

  it('shows no script and no key in the list of processes', async () => {
    connection = await open();

    const running = connection.run({ what: 'x', text: 'sleep 1; echo hunter22', limitSeconds: 20 });
    const processes = execFileSync('ps', ['-eo', 'args']).toString();

    expect(processes).toContain(ADDRESS);
    expect(processes).not.toMatch(/hunter22|PRIVATE KEY/);
    await running;
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    connection = await open(stop.signal);

    const running = connection.run({ what: 'x', text: 'sleep 60', limitSeconds: 90 });
    stop.abort(new Error('interrupted'));

    await expect(running).rejects.toThrow('interrupted');
  });
});

describe('parseHostKeys', () => {
  it('takes the last whole list, whatever the kernel writes between its lines', () => {
    const console = `${list('ssh-ed25519 AAAAold root@a\r\n')}[ 9.1] x\r\n${list('ssh-ed25519 AAAAnew root@a\r\n[ 9.2] IPv6: up\r\necdsa-sha2-nistp256 AAAAec= root@a\r\n')}-----BEGIN SSH HOST KEY KEYS-----\r\nssh-ed25519 AAAAhalf`;

    expect(parseHostKeys(console)).toEqual(['ssh-ed25519 AAAAnew', 'ecdsa-sha2-nistp256 AAAAec=']);
  });

  it('finds none where nobody wrote any', () => {
    expect(parseHostKeys('login: -----END SSH HOST KEY KEYS-----')).toEqual([]);
  });
});

function list(text: string): string {
  return `-----BEGIN SSH HOST KEY KEYS-----\r\n${text}-----END SSH HOST KEY KEYS-----\r\n`;
}

function pin(console: string): void {
  writeFileSync(
    join(folder, 'known_hosts'),
    parseHostKeys(console)
      .map((key) => `${INSTANCE} ${key}\n`)
      .join(''),
  );
}

async function open(signal = new AbortController().signal): Promise<SshConnection> {
  return await openSshConnection({
    address: { host: ADDRESS, port: sshd.port, user: sshd.user, instanceId: INSTANCE },
    folder,
    environment: { PATH: '/usr/bin:/bin' },
    signal,
  });
}

/** Established ones, seen from the client. */
function countConnections(port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote?.endsWith(suffix) && state === '01').length;
}
