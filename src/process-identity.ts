// A process id alone may belong to a stranger by the time it is used; with its start and the kernel that it runs under it
// cannot. Who reads a record may be another container or another host than who wrote it: then nothing can be said.

import { findThisSystem, type ProcessStart, type System } from './process-system.js';

/** Recorded by the process itself. What a system does not tell is left out. */
export interface ProcessIdentity extends ProcessStart {
  readonly pid: number;
  /** Of the running kernel: containers of one host share it, and two hosts never do. */
  readonly bootId?: string;
  /** Linux counts processes anew in each, so that a process id of another one means another process. */
  readonly pidNamespace?: string;
  /** When the kernel of `bootId` started, in milliseconds since 1970. */
  readonly bootedAt?: number;
  readonly host?: { readonly id: string; readonly name: string };
}

/** `unknown`: it cannot be judged from here. Whoever may not take from the living has to take it for alive. */
export type ProcessState = 'alive' | 'gone' | 'unknown';

/** Undefined when no such process lives; a zombie does not count as living. */
export function readProcessIdentity(pid: number, system: System = findThisSystem()): ProcessIdentity | undefined {
  const start = system.readStart(pid);
  if (start === 'none') return undefined;
  const { bootId, bootedAt, pidNamespace, host } = system;
  return {
    pid,
    ...start,
    ...(bootId === undefined ? {} : { bootId }),
    ...(bootedAt === undefined ? {} : { bootedAt }),
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
    host,
  };
}

/** What has become of a process that was recorded, as far as this process can tell. */
export function judgeProcess(identity: ProcessIdentity, system: System = findThisSystem()): ProcessState {
  const { bootId, pidNamespace } = system;
  if (identity.bootId !== undefined && identity.bootId === bootId) {
    const isOfOurs = pidNamespace !== undefined && identity.pidNamespace === pidNamespace;
    return isOfOurs ? compareStart(identity, system) : 'unknown';
  }
  if (identity.host?.id !== system.host.id) return 'unknown';
  if (identity.bootId === undefined && bootId === undefined) return compareStart(identity, system);
  return isOfEarlierBoot(identity, system) ? 'gone' : 'unknown';
}

/** Whether the process that was recorded is known to be still the one that runs under its id. */
export function isSameProcessAlive(identity: ProcessIdentity): boolean {
  return judgeProcess(identity) === 'alive';
}

function compareStart(identity: ProcessIdentity, system: System): ProcessState {
  const start = system.readStart(identity.pid);
  if (start === 'none') return 'gone';
  const [then, now] = [identity, start].map(({ startTicks, startedAt }) => startTicks ?? startedAt);
  if (then === undefined || now === undefined) return 'unknown';
  return then === now ? 'alive' : 'gone';
}

/**
 * The host was started again since, and took all its processes along. A process that began after this boot is of no earlier
 * one: then another host has taken the name of this one.
 */
function isOfEarlierBoot({ bootId, bootedAt, startTicks }: ProcessIdentity, system: System): boolean {
  if (bootId === undefined || bootedAt === undefined || startTicks === undefined) return false;
  const startedAt = bootedAt + Number(startTicks) * TICK_MS;
  return system.bootedAt !== undefined && startedAt < system.bootedAt;
}

/** USER_HZ, the unit of /proc/PID/stat, is 100 on every architecture that Node.js runs on. */
const TICK_MS = 10;
