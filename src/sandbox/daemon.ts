// The sandbox as a process of its own. `daemon.json` says which; it is believed only while that very process lives.

import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { kill, pid } from 'node:process';
import writeFileAtomic from 'write-file-atomic';
import { createError } from '../errors.js';
import { closeFolder, ensurePrivateFolder } from '../private-folder.js';
import { isSameProcessAlive, judgeProcess, type ProcessIdentity, readProcessIdentity } from '../process-identity.js';
import { createAccessGate } from './access/access-gate.js';
import type { InstanceDriver } from './machine/instance-driver.js';
import { resolveSandboxPaths, type SandboxPaths } from './paths.js';
import { type SandboxSummary, startSandbox } from './sandbox.js';
import type { SandboxInfo } from './sandbox-info.js';
import { type Account, type AccountRequest, listAccounts, readAccountRequest } from './world/accounts.js';
import { findCredentials } from './world/credentials.js';
import { checkFaultPlan } from './world/faults.js';
import type { SandboxClock, TransitionDelays } from './world/services.js';

export interface DaemonInfo extends SandboxInfo {
  readonly process: ProcessIdentity;
}

export interface EnsureOptions {
  readonly stateDir: string;
  /** Default 4587. */
  readonly port?: number;
  /** The program and arguments that run serveSandbox; `--state DIR --port N` are added. */
  readonly command: readonly [string, ...string[]];
  /** The daemon's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: SandboxClock;
  readonly signal: AbortSignal;
}

export interface ServeOptions {
  readonly stateDir: string;
  readonly port: number;
  readonly driver: InstanceDriver;
  readonly clock: SandboxClock;
  readonly delays?: Partial<TransitionDelays>;
  readonly hasLongPolls?: boolean;
}

export interface StopOptions {
  readonly stateDir: string;
  readonly terminateInstances: boolean;
  readonly clock: SandboxClock;
  readonly signal: AbortSignal;
}

export type SandboxStatus =
  | { readonly state: 'down' }
  | { readonly state: 'up'; readonly info: DaemonInfo; readonly summary: SandboxSummary };

export const DEFAULT_SANDBOX_PORT = 4587;

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 30_000;
const TERMINATE_TIMEOUT_MS = 180_000;
const CALL_TIMEOUT_MS = 5_000;
const POLL_MS = 100;

/**
 * Makes sure that the sandbox of a state folder is up and says how to reach it.
 *
 * @throws SANDBOX_NOT_STARTED
 */
export async function ensureSandboxUp(options: EnsureOptions): Promise<DaemonInfo> {
  const paths = resolveSandboxPaths(options.stateDir);
  const running = await findDaemon(paths);
  if (running !== undefined) return running;
  ensurePrivateFolder(paths.stateDir);
  const log = await open(paths.logFile, 'a', 0o600);
  const logStart = (await log.stat()).size;
  const [program, ...parameters] = options.command;
  const port = options.port ?? DEFAULT_SANDBOX_PORT;
  const child = spawn(program, [...parameters, '--state', options.stateDir, '--port', String(port)], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { ...options.environment },
    cwd: options.stateDir,
  });
  const outcome: { failure?: string } = {};
  child.once('error', (error) => {
    outcome.failure = error.message;
  });
  child.once('exit', (code, signal) => {
    outcome.failure = `it ended with ${signal ?? `code ${code}`}`;
  });
  child.unref();
  await log.close();
  const deadline = options.clock.now().getTime() + START_TIMEOUT_MS;
  while (outcome.failure === undefined && !options.signal.aborted && options.clock.now().getTime() < deadline) {
    const daemon = await findDaemon(paths);
    if (daemon !== undefined) return daemon;
    await options.clock.wait(POLL_MS, options.signal);
  }
  // Two that start at once: one finds the port taken, and the other is what was asked for.
  const other = await findDaemon(paths);
  if (other !== undefined) return other;
  if (outcome.failure === undefined && child.pid !== undefined) child.kill('SIGTERM');
  const reason =
    outcome.failure ?? (options.signal.aborted ? 'interrupted' : `no answer within ${START_TIMEOUT_MS / 1000} s`);
  const lastLine = (await readFile(paths.logFile, 'utf8')).slice(logStart).trim().split('\n').at(-1) ?? '';
  throw createError('SANDBOX_NOT_STARTED', [lastLine === '' ? reason : `${reason} (${lastLine})`, paths.logFile]);
}

/** Runs the sandbox in this process until the signal aborts; the hidden command `sandbox serve`. */
export async function serveSandbox(options: ServeOptions, signal: AbortSignal): Promise<void> {
  const paths = resolveSandboxPaths(options.stateDir);
  const sandbox = await startSandbox({ ...options, log: (line) => appendFileSync(paths.logFile, `${line}\n`) });
  const identity = readProcessIdentity(pid);
  const info: Omit<DaemonInfo, 'credentials'> = {
    process: identity ?? { pid },
    endpoint: sandbox.endpoint,
    proxy: sandbox.proxy,
    caFile: sandbox.caFile,
    region: sandbox.region,
    sshPort: sandbox.sshPort,
  };
  await writeFileAtomic(paths.daemonFile, `${JSON.stringify(info, undefined, 2)}\n`, { mode: 0o600 });
  await new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await sandbox.close();
  await rm(paths.daemonFile, { force: true });
}

/** Whether the sandbox of a state folder is up, and what it holds. */
export async function readSandboxStatus(stateDir: string): Promise<SandboxStatus> {
  const paths = resolveSandboxPaths(stateDir);
  const info = await findDaemon(paths);
  if (info === undefined) return { state: 'down' };
  return {
    state: 'up',
    info,
    summary: await callControl(paths, info, { path: 'status', method: 'GET', timeoutMs: CALL_TIMEOUT_MS }),
  };
}

/**
 * Ends the daemon; its machines go on unless they are to be terminated. Nothing happens when it is down.
 *
 * @throws SANDBOX_NOT_STOPPED
 */
export async function stopSandbox(options: StopOptions): Promise<void> {
  const { clock, signal } = options;
  const paths = resolveSandboxPaths(options.stateDir);
  const daemon = await findDaemon(paths);
  if (daemon === undefined) return;
  if (options.terminateInstances) {
    await callControl(paths, daemon, { path: 'terminate-instances', method: 'POST', timeoutMs: TERMINATE_TIMEOUT_MS });
  }
  kill(daemon.process.pid, 'SIGTERM');
  const deadline = clock.now().getTime() + STOP_TIMEOUT_MS;
  while (isSameProcessAlive(daemon.process)) {
    if (signal.aborted || clock.now().getTime() > deadline)
      throw createError('SANDBOX_NOT_STOPPED', [daemon.process.pid]);
    await clock.wait(POLL_MS, signal);
  }
  await rm(paths.daemonFile, { force: true });
}

/**
 * Replaces the fault plan of a sandbox that is up: see world/faults.ts.
 *
 * @throws SANDBOX_DOWN, SANDBOX_FAULTS_INVALID
 */
export async function loadSandboxFaults(stateDir: string, plan: unknown): Promise<void> {
  const paths = resolveSandboxPaths(stateDir);
  const daemon = await findDaemon(paths);
  if (daemon === undefined) throw createError('SANDBOX_DOWN', []);
  checkFaultPlan(plan);
  await callControl(paths, daemon, { path: 'faults', method: 'PUT', timeoutMs: CALL_TIMEOUT_MS, body: plan });
}

/**
 * Makes another account in a sandbox that is up, or changes what it is a member of.
 *
 * @throws SANDBOX_DOWN, SANDBOX_ACCOUNT_INVALID
 */
export async function addSandboxAccount(stateDir: string, request: AccountRequest): Promise<Account> {
  const paths = resolveSandboxPaths(stateDir);
  const daemon = await findDaemon(paths);
  if (daemon === undefined) throw createError('SANDBOX_DOWN', []);
  const body = readAccountRequest(request);
  return await callControl<Account>(paths, daemon, {
    path: 'accounts',
    method: 'POST',
    timeoutMs: CALL_TIMEOUT_MS,
    body,
  });
}

/**
 * Makes the instance profiles that a sandbox that is up lacks.
 *
 * @throws SANDBOX_DOWN
 */
export async function ensureSandboxInstanceProfiles(stateDir: string, names: readonly string[]): Promise<void> {
  const paths = resolveSandboxPaths(stateDir);
  const daemon = await findDaemon(paths);
  if (daemon === undefined) throw createError('SANDBOX_DOWN', []);
  await callControl(paths, daemon, {
    path: 'instance-profiles',
    method: 'POST',
    timeoutMs: CALL_TIMEOUT_MS,
    body: names,
  });
}

/** The accounts of a state folder, the sandbox's own first; none before it was up for the first time. */
export async function listSandboxAccounts(stateDir: string): Promise<readonly Account[]> {
  const credentials = await findCredentials(resolveSandboxPaths(stateDir).credentialsFile);
  return credentials === undefined ? [] : listAccounts(credentials);
}

/**
 * Says what is allowed in a sandbox that is up; undefined: everything.
 *
 * @throws SANDBOX_DOWN, SANDBOX_POLICY_INVALID
 */
export async function loadSandboxPolicy(stateDir: string, policies: unknown): Promise<void> {
  const paths = resolveSandboxPaths(stateDir);
  const daemon = await findDaemon(paths);
  if (daemon === undefined) throw createError('SANDBOX_DOWN', []);
  createAccessGate().load(policies);
  await callControl(paths, daemon, { path: 'policy', method: 'PUT', timeoutMs: CALL_TIMEOUT_MS, body: policies });
}

/**
 * The daemon of a state folder, if it lives and answers.
 *
 * @throws SANDBOX_ELSEWHERE, SANDBOX_STATE_BROKEN
 */
async function findDaemon(paths: SandboxPaths): Promise<DaemonInfo | undefined> {
  closeFolder(paths.stateDir);
  const info = await readDaemonFile(paths);
  const credentials = await findCredentials(paths.credentialsFile);
  if (info === undefined || credentials === undefined) return undefined;
  const state = judgeProcess(info.process);
  if (state !== 'alive') {
    const { pid: owner, host } = info.process;
    if (state === 'gone' || host === undefined) return undefined;
    // Two sandboxes of one state folder would take each other's machines and disks.
    throw createError('SANDBOX_ELSEWHERE', [paths.stateDir, owner, host.name, paths.daemonFile]);
  }
  try {
    const response = await fetch(`${info.endpoint}/_sandbox/health`, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
    if (!response.ok) return undefined;
  } catch {
    return undefined;
  }
  const { accountId, accessKeyId, secretAccessKey } = credentials;
  return { ...info, credentials: { accountId, accessKeyId, secretAccessKey } };
}

async function readDaemonFile(paths: SandboxPaths): Promise<Omit<DaemonInfo, 'credentials'> | undefined> {
  try {
    return JSON.parse(await readFile(paths.daemonFile, 'utf8')) as Omit<DaemonInfo, 'credentials'>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // Written atomically, so what is not JSON was not written by a sandbox.
    throw createError('SANDBOX_STATE_BROKEN', [paths.daemonFile, (error as Error).message], { cause: error });
  }
}

async function callControl<Answer = SandboxSummary>(
  paths: SandboxPaths,
  daemon: DaemonInfo,
  call: { readonly path: string; readonly method: string; readonly timeoutMs: number; readonly body?: unknown },
): Promise<Answer> {
  const token = (await findCredentials(paths.credentialsFile))?.controlToken ?? '';
  const response = await fetch(`${daemon.endpoint}/_sandbox/${call.path}`, {
    method: call.method,
    headers: { 'x-sandbox-token': token },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    signal: AbortSignal.timeout(call.timeoutMs),
  });
  if (!response.ok) throw new Error(`The sandbox answered ${response.status} to ${call.path}`);
  return (await response.json()) as Answer;
}
