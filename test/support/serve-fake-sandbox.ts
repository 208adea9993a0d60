// A sandbox daemon over a fake driver, as a program: bundled and started by daemon.test.ts.

import { serveSandbox } from '../../src/sandbox/daemon.js';
import { systemClock } from './a-sandbox.js';
import { createFakeInstanceDriver } from './fake-instance-driver.js';

const [, , , stateDir = '', , port = '0'] = process.argv;
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
serveSandbox(
  { stateDir, port: Number(port), driver: createFakeInstanceDriver(), clock: systemClock },
  stop.signal,
).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 3;
});
