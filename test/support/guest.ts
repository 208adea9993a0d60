import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface LaunchedInstance {
  readonly instanceId: string;
  readonly publicIp: string;
  readonly sshPort: number;
  readonly keyFile: string;
  readonly sshCommand: string;
}

export interface GuestResult {
  readonly status: number;
  readonly output: string;
}

/** Runs a shell command in the guest as its login user, by the real ssh client with the given key and no other. */
export async function runInGuest(
  { publicIp, keyFile, sshPort = 22 }: Pick<LaunchedInstance, 'publicIp' | 'keyFile'> & { readonly sshPort?: number },
  command: string,
  { user = 'admin' } = {},
): Promise<GuestResult> {
  const options = {
    BatchMode: 'yes',
    IdentitiesOnly: 'yes',
    StrictHostKeyChecking: 'no',
    UserKnownHostsFile: '/dev/null',
    LogLevel: 'ERROR',
    ConnectTimeout: '30',
  };
  const flags = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const args = [...flags, '-F', 'none', '-i', keyFile, '-p', String(sshPort), `${user}@${publicIp}`, command];
  try {
    const { stdout, stderr } = await run('ssh', args, { timeout: 120_000 });
    return { status: 0, output: `${stdout}${stderr}`.trim() };
  } catch (error) {
    const failure = error as { code?: number; stdout?: string; stderr?: string };
    return { status: failure.code ?? -1, output: `${failure.stdout ?? ''}${failure.stderr ?? ''}`.trim() };
  }
}
