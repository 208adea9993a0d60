// `npm test`: prepares the machine, runs every suite, and ends in one line with the sum.
//   node scripts/test.mjs [unit|e2e]   only one of the two
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcessesIn } from './end-processes-in.mjs';
import { prepare, ROOT, say } from './prepare.mjs';

const SUITES = [
  { name: 'unit', args: ['--maxWorkers=2'] },
  // An emulated machine keeps one core busy, most of the time: two files at once are what two cores carry.
  { name: 'e2e', args: ['--maxWorkers=2'] },
];

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const wanted = process.argv.slice(2);
prepare({ forTests: true });
// All that the tests leave in the folder for temporary files goes with it. The name is short for the sake of sockets' paths.
const folder = mkdtempSync(join(tmpdir(), 'bt-'));
chmodSync(folder, 0o711);
const temporary = join(folder, 't');
mkdirSync(temporary);
chmodSync(temporary, 0o1777);
const countFile = join(folder, 'counts');
let ok = true;
let isInterrupted = false;
for (const suite of SUITES.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  ok = !isInterrupted && (await runSuite(suite)) && ok;
}
const total = sumUp();
const ended = endProcessesIn(folder);
if (ended.length > 0) say(`ended what the tests had left running: ${ended.join(', ')}`);
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`Tests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = ok && total.failed === 0 && total.passed > 0 ? 0 : 1;

async function runSuite({ name, args }) {
  say(`running the ${name} suite`);
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const env = { ...process.env, COUNT_FILE: countFile, NODE_ENV: 'test', TMPDIR: temporary };
  // A process group of its own: scripts/count-reporter.mjs may have to end it with all of its workers.
  const run = spawn('node', [...jest, '--selectProjects', name, ...args], {
    cwd: ROOT,
    env,
    stdio: 'inherit',
    detached: true,
  });
  const forward = (signal) => {
    isInterrupted = true;
    process.kill(-run.pid, signal);
  };
  for (const signal of SIGNALS) process.once(signal, forward);
  const [status] = await once(run, 'exit');
  for (const signal of SIGNALS) process.off(signal, forward);
  return status === 0;
}

function sumUp() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = existsSync(countFile) ? readFileSync(countFile, 'utf8').trim().split('\n') : [];
  for (const line of lines) {
    const counts = JSON.parse(line);
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  return total;
}
