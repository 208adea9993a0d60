// A build, a resume or a reap in a process of its own, which ends itself by SIGKILL right after its nth journal record:
// node CHILD build|resume|reap FOLDER ENDPOINT [RUN] [KILL_AT]. Bundled by the tests that run it. The environment variable
// PUBLISH holds the image's publication as JSON; COMMUNICATOR is `ssh` for a build over SSH, to port SANDBOX_SSH_PORT; PACKER
// is a stand-in packer of 1.16 for a build by packer.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { userInfo } from 'node:os';
import { createAwsAccess } from '../../src/aws/create-aws-access.js';
import { buildImage } from '../../src/build/build-image.js';
import { createBuildContext, systemClock } from '../../src/build/context.js';
import { gatherPlanFacts } from '../../src/build/gather-plan-facts.js';
import { loadTextTemplates } from '../../src/build/load-templates.js';
import { getRun } from '../../src/build/read-runs.js';
import { reapRun } from '../../src/build/reap-run.js';
import type { ResolvedImage } from '../../src/config/resolved-config.js';
import { anImage } from './an-image.js';

const [, , action = '', folder = '', endpoint = '', runId = '', killAt = '0'] = process.argv;
const communicator = process.env['COMMUNICATOR'] === 'ssh' ? 'ssh' : 'ssm';
killAfterRecords(Number(killAt));

const packerPath = process.env['PACKER'];
const native: ResolvedImage = {
  ...anImage(),
  builder: {
    ...anImage().builder,
    type: 'ec2',
    ...(communicator === 'ssh'
      ? { communicator, sshUsername: userInfo().username, sshPort: Number(process.env['SANDBOX_SSH_PORT']) }
      : { iamInstanceProfile: 'ssm' }),
  },
  ...(process.env['PUBLISH'] === undefined ? {} : { publish: JSON.parse(process.env['PUBLISH']) }),
};
const image: ResolvedImage =
  packerPath === undefined ? native : { ...anImage(), builder: { ...anImage().builder, packerVersion: '1.16.0' } };
const environment = { ...process.env, XDG_STATE_HOME: `${folder}/state` };
const aws = createAwsAccess({ region: 'us-east-1', endpoint, environment });
const context = {
  ...createBuildContext(environment, () => undefined),
  clock: {
    now: () => systemClock.now(),
    sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(Math.min(ms, 2), signal),
  },
};
const { signal } = new AbortController();
try {
  if (action === 'reap') await reapRun(await getRun(runId, environment), { aws, context, signal });
  else process.stdout.write(JSON.stringify(await buildOrResume()));
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
} finally {
  aws.close();
}

async function buildOrResume() {
  const config = { version: 1, file: `${folder}/buildimg.yaml`, root: folder, images: [image], secrets: [] } as const;
  return await buildImage(
    {
      image,
      facts: await gatherPlanFacts(config, signal),
      templates: await loadTextTemplates(folder),
      packer: packerPath === undefined ? undefined : { path: packerPath, version: '1.16.0' },
      aws,
      childEnvironment: { ...environment, AWS_ENDPOINT_URL: endpoint },
      endpoint,
      force: false,
      allowFindings: false,
      tool: { name: 'buildimg', version: '0.0.0' },
      account: await aws.findAccount(),
      interruption: { signal, killSignal: signal },
      secrets: [],
      sshSourceCidr: '127.0.0.1/32',
      ...(action === 'resume' ? { resume: await getRun(runId, environment) } : {}),
    },
    context,
  );
}

/** Every record is followed by an fsync of the journal. */
function killAfterRecords(count: number): void {
  const { fsyncSync } = fs;
  let records = 0;
  fs.fsyncSync = (descriptor) => {
    fsyncSync(descriptor);
    if (!fs.readlinkSync(`/proc/self/fd/${descriptor}`).endsWith('/journal.jsonl')) return;
    records += 1;
    if (records === count) process.kill(process.pid, 'SIGKILL');
  };
  syncBuiltinESMExports();
}
