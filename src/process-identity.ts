// A process id alone may belong to a stranger by the time it is used; with its start time and the host's boot it cannot.

import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the host's boot and the process's start, as /proc/PID/stat has it. */
  readonly startTicks: string;
  readonly bootId: string;
}

/** Undefined when no such process lives; a zombie does not count as living. */
export function readProcessIdentity(pid: number): ProcessIdentity | undefined {
  try {
    // proc(5): field 2 is the command in parentheses, which may itself hold spaces and parentheses; field 3 is the state.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X' || startTicks === undefined) return undefined;
    return { pid, startTicks, bootId: readBootId() };
  } catch {
    return undefined;
  }
}

/** Whether the process that was recorded is still the one that runs under its id. */
export function isSameProcessAlive(identity: ProcessIdentity): boolean {
  const now = readProcessIdentity(identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** Identifier of the host's current boot. */
export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}
