import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CliResult {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user's own state, so that tests share nothing with the person who runs them but the cache of base images. */
export interface Home {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Runs the built command line and waits for its end. */
  run(...args: readonly string[]): Promise<CliResult>;
  /** Runs it, fails the test unless it exits 0, and parses its stdout as JSON. */
  runJson<T>(...args: readonly string[]): Promise<T>;
  /** Starts it without waiting. */
  start(...args: readonly string[]): RunningCli;
  remove(): void;
}

export interface RunningCli {
  readonly pid: number;
  readonly result: Promise<CliResult>;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
}

const CLI = join(process.cwd(), 'dist', 'cli.mjs');

/** `variables` are added to the environment. */
export async function createHome(variables: Readonly<Record<string, string>> = {}): Promise<Home> {
  // Short, because unix sockets of machines stand below it and their paths are limited to 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'bi-'));
  const port = String(await findFreePort());
  const own = { XDG_STATE_HOME: folder, BUILDIMG_SANDBOX_PORT: port, NO_COLOR: '1' };
  const environment = { ...process.env, ...own, ...variables };
  const start = (...args: readonly string[]) => startCli(args, environment);
  const run = (...args: readonly string[]) => start(...args).result;
  return {
    folder,
    environment,
    start,
    run,
    async runJson<T>(...args: readonly string[]): Promise<T> {
      const result = await run(...args);
      if (result.status !== 0) throw new Error(`buildimg ${args.join(' ')} exited ${result.status}:\n${result.stderr}`);
      return JSON.parse(result.stdout) as T;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function startCli(args: readonly string[], environment: NodeJS.ProcessEnv): RunningCli {
  const child = spawn(process.execPath, [CLI, ...args], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const result = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status: status ?? undefined, stdout, stderr }));
  });
  return { pid: child.pid ?? 0, result, stderr: () => stderr, kill: (signal) => void child.kill(signal) };
}
