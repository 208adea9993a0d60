// The other side of bench/fleet.mjs: a sandbox whose machines are not there, with AWS's token buckets and delays, and guests
// that answer the step protocol. Takes its settings as JSON; prints its endpoint and key as one line of JSON.
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadModule } from '../scripts/load-module.mjs';

const { startTestSandbox } = await loadModule('test/support/a-sandbox.ts');
const { createFakeInstanceDriver, exitedWith } = await loadModule('test/support/fake-instance-driver.ts');

const { logFile, throttles, delays, agentMs, stepMs } = JSON.parse(process.argv[2]);
const log = createWriteStream(logFile);
const machines = createFakeInstanceDriver();
const launchedAt = new Map();
machines.answerScripts(async ({ script }) => {
  if (!script.includes('run.sh')) return exitedWith(0);
  await sleep(stepMs);
  return exitedWith(0, { stdout: '0\n' });
});
const driver = {
  ...machines,
  async launch(request) {
    launchedAt.set(request.instanceId, Date.now());
    await machines.launch(request);
  },
  pingGuest: async (id) => (await machines.pingGuest(id)) && Date.now() - launchedAt.get(id) >= agentMs,
};
const { sandbox } = await startTestSandbox({ driver, delays, log: (line) => log.write(`${line}\n`) });
sandbox.loadFaults({ throttles });
process.stdout.write(`${JSON.stringify({ endpoint: sandbox.endpoint, ...sandbox.credentials })}\n`);
