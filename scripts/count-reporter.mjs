import { appendFileSync } from 'node:fs';

/** Jest reporter: appends this run's counts to the file named by COUNT_FILE, so that several runs can be summed up. */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const file = process.env.COUNT_FILE;
    if (file === undefined) return;
    const counts = {
      passed: results.numPassedTests,
      // A file that does not even load runs no test; it must not pass unseen.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    appendFileSync(file, `${JSON.stringify(counts)}\n`);
  }
}
