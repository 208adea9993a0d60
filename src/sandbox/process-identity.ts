import { readFile } from 'node:fs/promises';

/** A process beyond doubt: ids are used again, the pair of id and start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Ticks since boot, from the 22nd field of /proc/PID/stat; empty where there is no /proc. */
  readonly startTime: string;
}

/** Undefined when no such process runs. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets, and may hold spaces and brackets itself.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : { pid, startTime: fields[18] ?? '' };
  } catch {
    return undefined;
  }
}

export async function isProcessAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  const found = await identifyProcess(pid);
  return found !== undefined && found.startTime === startTime;
}
