// Ends what a run that was interrupted leaves behind: machines and sandboxes go on without whoever started them.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Ends every process that works in `folder` or names a path in it on its command line, and gives their ids. */
export function endProcessesIn(folder) {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isIn(folder, name));
  for (const id of ids) {
    try {
      process.kill(Number(id), 'SIGTERM');
    } catch {
      // It has ended meanwhile.
    }
  }
  return ids;
}

function isIn(folder, id) {
  try {
    if (Number(id) === process.pid) return false;
    // A machine names its files as they stand in the folder that it works in.
    const isWorkingThere = readlinkSync(`/proc/${id}/cwd`).startsWith(`${folder}/`);
    return isWorkingThere || readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(`${folder}/`);
  } catch {
    return false;
  }
}
