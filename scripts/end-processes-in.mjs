// Ends what a run that was interrupted leaves behind: machines and sandboxes go on without whoever started them.
import { readdirSync, readFileSync } from 'node:fs';

/** Ends every process that names a path in `folder` on its command line, and gives their ids. */
export function endProcessesIn(folder) {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && namesPathIn(folder, name));
  for (const id of ids) {
    try {
      process.kill(Number(id), 'SIGTERM');
    } catch {
      // It has ended meanwhile.
    }
  }
  return ids;
}

function namesPathIn(folder, id) {
  try {
    return Number(id) !== process.pid && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(`${folder}/`);
  } catch {
    return false;
  }
}
