import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';

const MINUTE_MS = 60_000;
/** No file takes this long; one that does is in a loop that jest's own limit, a timer, cannot end. */
const MAX_MINUTES = { unit: 15, e2e: 50 };

/**
 * Jest reporter: appends the counts of each file to the file named by COUNT_FILE, so that several runs can be summed up,
 * and ends a run whose file never ends. It ends the process group, so whoever sets COUNT_FILE gives the run its own.
 */
export default class CountReporter {
  #countFile = process.env.COUNT_FILE;
  /** When each running file was started, by path. */
  #started = new Map();
  #watch;

  onRunStart() {
    if (this.#countFile !== undefined) this.#watch = setInterval(() => this.#endIfStuck(), MINUTE_MS);
  }

  onTestFileStart({ path }) {
    this.#started.set(path, Date.now());
  }

  onTestFileResult({ path }, { numPassingTests, numFailingTests, numPendingTests, numTodoTests, testExecError }) {
    this.#started.delete(path);
    // A file that does not even load runs no test; it must not pass unseen.
    const failed = numFailingTests + (testExecError === undefined || numFailingTests > 0 ? 0 : 1);
    this.#count({ passed: numPassingTests, failed, skipped: numPendingTests + numTodoTests });
  }

  onRunComplete() {
    clearInterval(this.#watch);
  }

  #count(counts) {
    if (this.#countFile !== undefined) appendFileSync(this.#countFile, `${JSON.stringify(counts)}\n`);
  }

  #endIfStuck() {
    for (const [path, since] of this.#started) {
      const limit = MAX_MINUTES[path.includes('/test/e2e/') ? 'e2e' : 'unit'];
      if (Date.now() - since < limit * MINUTE_MS) continue;
      this.#count({ passed: 0, failed: 1, skipped: 0 });
      process.stderr.write(`FAIL ${relative('.', path)} has run for ${limit} minutes; the suite ends here\n`);
      process.kill(-process.pid, 'SIGKILL');
    }
  }
}
