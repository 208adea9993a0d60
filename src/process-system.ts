// What the system that this process runs on tells of itself and of other processes.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { kill, pid as ownPid } from 'node:process';

/** When a process started, in the one way or the other; neither: it is there, or may be, and its start is not told. */
export interface ProcessStart {
  /** Clock ticks between the host's boot and the process's start, as /proc/PID/stat has it. */
  readonly startTicks?: string;
  /** What `ps -o lstart=` prints in UTC, where there is no /proc. */
  readonly startedAt?: string;
}

export interface System {
  readonly host: { readonly id: string; readonly name: string };
  readonly bootId?: string;
  /** Milliseconds since 1970. */
  readonly bootedAt?: number;
  readonly pidNamespace?: string;
  /** `none`: there is certainly no such process. */
  readonly readStart: (pid: number) => ProcessStart | 'none';
}

/** By /proc where there is one that shows this process, else by ps, which macOS and the BSDs have. */
export function findThisSystem(proc = '/proc'): System {
  const host = describeHost();
  // Without its own process in it, /proc is missing, or shows another PID namespace.
  if (readTarget(`${proc}/self`) !== String(ownPid)) return { host, readStart: readStartByPs };
  const bootId = readText(`${proc}/sys/kernel/random/boot_id`);
  const bootedAt = readBootTime(proc);
  const pidNamespace = readTarget(`${proc}/self/ns/pid`);
  return {
    host,
    ...(bootId === undefined ? {} : { bootId }),
    ...(bootedAt === undefined ? {} : { bootedAt }),
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
    readStart: (pid) => readStartByProc(proc, pid),
  };
}

/** Identifier of the running kernel's boot. */
export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}

// Machines made of one image may share the machine id, and hosts in one network do not share a name.
function describeHost(): System['host'] {
  const name = hostname();
  const machineId = readText('/etc/machine-id') ?? '';
  // machine-id(5): it is confidential, so that only a digest of it may be shown.
  const id = createHash('sha256').update(`buildimg ${machineId} ${name}`).digest('hex').slice(0, 16);
  return { id, name };
}

function readBootTime(proc: string): number | undefined {
  const [, seconds] = /^btime (\d+)$/m.exec(readText(`${proc}/stat`) ?? '') ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function readStartByProc(proc: string, pid: number): ProcessStart | 'none' {
  // proc(5): field 2 is the command in parentheses, which may itself hold spaces and parentheses; field 3 is the state.
  const stat = readText(`${proc}/${pid}/stat`);
  // Mounted with hidepid, /proc leaves out processes of other users.
  if (stat === undefined) return isCertainlyGone(pid) ? 'none' : {};
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X') return 'none';
  return startTicks === undefined ? {} : { startTicks };
}

function isCertainlyGone(pid: number): boolean {
  try {
    kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function readStartByPs(pid: number): ProcessStart | 'none' {
  // The time is told in the caller's zone and language.
  const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' };
  try {
    const output = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { env, encoding: 'utf8', stdio: 'pipe' });
    const startedAt = output.trim().replaceAll(/\s+/g, ' ');
    return startedAt === '' ? {} : { startedAt };
  } catch (error) {
    const { status, stdout, stderr } = error as { status?: unknown; stdout?: unknown; stderr?: unknown };
    // ps says by its status alone that there is none; where it cannot look, it says why.
    return status === 1 && stdout === '' && stderr === '' ? 'none' : {};
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1').trim();
  } catch {
    return undefined;
  }
}

function readTarget(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
