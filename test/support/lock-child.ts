// Takes a run's lock as soon as the file `go` is there, says whether it got it, and keeps it: node CHILD FOLDER.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lockRun } from '../../src/build/run-lock.js';

const [, , folder = ''] = process.argv;
process.stdout.write('ready\n');
// Without a timer in between, so that all begin within microseconds.
while (!existsSync(join(folder, 'go')));
try {
  lockRun(folder, { run: 'r-1', pid: process.pid });
  process.stdout.write('taken\n');
} catch (error) {
  process.stdout.write(`${(error as { readonly code?: string }).code}\n`);
}
process.stdin.resume();
