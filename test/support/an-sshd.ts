// A real sshd on a loopback address, for this user and one key.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Sshd {
  readonly port: number;
  readonly user: string;
  /** As a console shows them. */
  readonly console: string;
  /** Ends it with every connection. */
  close(): Promise<void>;
}

export interface SshdOptions {
  /** A 127.x address. */
  readonly address: string;
  readonly authorizedKey: string;
  readonly port?: number;
  /** Runs in place of what the client asks for, which is in SSH_ORIGINAL_COMMAND. */
  readonly forceCommand?: string;
}

export async function startSshd({ address, authorizedKey, port, forceCommand }: SshdOptions): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'sshd-'));
  const listenPort = port ?? (await findFreePort(address));
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'root@guest', '-f', join(folder, 'host')]);
  writeFileSync(join(folder, 'authorized_keys'), `${authorizedKey}\n`, { mode: 0o600 });
  const settings = [
    `Port ${listenPort}`,
    `ListenAddress ${address}`,
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'PidFile none',
    ...(forceCommand === undefined ? [] : [`ForceCommand ${forceCommand}`]),
  ];
  writeFileSync(join(folder, 'config'), `${settings.join('\n')}\n`);
  // Where Debian's sshd wants to be without privileges; only its service makes it.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: 'ignore',
    detached: true,
  });
  await waitForPort(address, listenPort);
  const publicKey = readFileSync(join(folder, 'host.pub'), 'utf8').trim();
  return {
    port: listenPort,
    user: userInfo().username,
    console: `[  OK  ] Reached target\r\n-----BEGIN SSH HOST KEY KEYS-----\r\n${publicKey}\r\n-----END SSH HOST KEY KEYS-----\r\nlogin: `,
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      for (const pid of listDescendants(child.pid ?? 0)) killIfAlive(pid);
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended between being listed and now.
  }
}

/** Of a process and all that came of it. */
function listDescendants(pid: number): readonly number[] {
  const children = execFileSync('ps', ['-eo', 'pid=,ppid=']).toString().trim().split('\n');
  const own = children.map((line) => line.trim().split(/\s+/).map(Number)).filter(([, parent]) => parent === pid);
  return [...own.flatMap(([child = 0]) => listDescendants(child)), pid];
}

function findFreePort(address: string): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, address, () => {
      const port = (server.address() as { readonly port: number }).port;
      server.close(() => resolve(port));
    });
  });
}

async function waitForPort(address: string, port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, address, () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error(`sshd did not come up on ${address}:${port}`);
}
