// A registration or a reap in a process of its own, which ends itself by SIGKILL right after its nth journal record, or
// after its nth acknowledged block: node CHILD register|resume|reap FOLDER ENDPOINT DISK [RUN] [journal|blocks] [KILL_AT].
import { channel } from 'node:diagnostics_channel';
import fs from 'node:fs';
import type { ClientRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { createAwsAccess } from '../../src/aws/create-aws-access.js';
import { createRegistrationAccess } from '../../src/aws/create-registration-access.js';
import { createBuildContext } from '../../src/build/context.js';
import { getRun } from '../../src/build/read-runs.js';
import { reapRun } from '../../src/build/reap-run.js';
import { registerDisk } from '../../src/build/register/register-disk.js';
import { aRegistration, hurriedClock } from './a-registration.js';

const [, , action = '', folder = '', endpoint = '', disk = '', runId = '', where = '', killAt = '0'] = process.argv;
killAfter(where === 'blocks' ? /^\d+ sent / : /^\{"sequence":/, Number(killAt));

// Counted where they leave: what the killed process sent last may reach the sandbox while the next one runs.
let blocksPut = 0;
channel('http.client.request.start').subscribe((message) => {
  const { request } = message as { readonly request: ClientRequest };
  if (request.method === 'PUT' && request.path.includes('/blocks/')) blocksPut += 1;
});

const environment = { ...process.env, XDG_STATE_HOME: `${folder}/state` };
const options = { region: 'us-east-1', endpoint, environment };
const aws = createAwsAccess(options);
const clock = hurriedClock();
const access = createRegistrationAccess(options, clock);
const context = { ...createBuildContext(environment, () => undefined), clock };
const { signal } = new AbortController();
try {
  if (action === 'reap') await reapRun(await getRun(runId, environment), { aws, context, signal });
  else process.stdout.write(JSON.stringify({ ...(await registerOrResume()), blocksPut }));
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
} finally {
  access.close();
  aws.close();
}

async function registerOrResume() {
  return await registerDisk(
    {
      registration: aRegistration(disk, fs.statSync(disk).size),
      aws,
      access,
      account: await aws.findAccount(),
      endpoint,
      waivers: [],
      tool: { name: 'buildimg', version: '0.0.0' },
      resume: action === 'resume' ? await getRun(runId, environment) : undefined,
      interruption: { signal, killSignal: signal },
    },
    context,
  );
}

function killAfter(line: RegExp, count: number): void {
  const { writeSync } = fs;
  let lines = 0;
  fs.writeSync = ((descriptor: number, text: string) => {
    const written = writeSync(descriptor, text);
    if (line.test(text)) lines += 1;
    if (line.test(text) && lines === count) process.kill(process.pid, 'SIGKILL');
    return written;
  }) as typeof fs.writeSync;
  syncBuiltinESMExports();
}
