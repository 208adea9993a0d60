// Three signals at three moments of a real build by the real packer, and nothing may be left of any.
import { type EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHome, type Home, type RunningCli } from '../support/run-cli.js';
import { createSandboxClient, listLeftovers, NOTHING_LEFT } from '../support/sandbox-ec2.js';

const INTERRUPTED = 130;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const BUILD_LIMIT_MS = 900_000;

const MOMENTS = [
  { moment: 'at launch', config: 'slow', event: /"name":"resource.created".*"kind":"instance"/ },
  { moment: 'in provisioning', config: 'slow', event: /provisioning has begun/ },
  { moment: 'while the AMI is pending', config: 'sealed', event: /"name":"resource.created".*"kind":"image"/ },
] as const;

describe('a build that is interrupted', () => {
  let home: Home;
  let client: EC2Client;

  beforeAll(async () => {
    home = await createHome();
    // Longer than cleaning up takes, so that the image is pending all the while.
    await home.run('sandbox', 'up', '--delay', 'image=300');
    client = await createSandboxClient(home);
  }, BUILD_LIMIT_MS);

  afterAll(async () => {
    client.destroy();
    await home.run('sandbox', 'down');
    home.remove();
  }, 120_000);

  for (const { moment, config, event } of MOMENTS) {
    it.each(SIGNALS)(
      `leaves nothing when it gets %s ${moment}`,
      async (signal) => {
        const file = `test/e2e/fixtures/${config}/buildimg.yaml`;
        const build = home.start('build', '--sandbox', '--force', '--config', file, '--events', 'ndjson');
        await waitForOutput(build, event);

        build.kill(signal);
        const { status, stderr } = await build.result;

        const leftovers = await listLeftovers(client, home);
        expect({ status, leftovers }).toEqual({ status: INTERRUPTED, leftovers: NOTHING_LEFT });
        expect(stderr).toContain(`Interrupted by ${signal}`);
      },
      BUILD_LIMIT_MS,
    );
  }
});

async function waitForOutput(build: RunningCli, wanted: RegExp): Promise<void> {
  const ended = build.result.then(({ stderr }) => {
    throw new Error(`The build ended before it printed ${String(wanted)}:\n${stderr}`);
  });
  const seen = (async () => {
    while (!wanted.test(build.stderr())) await new Promise((resolve) => setTimeout(resolve, 200));
  })();
  await Promise.race([seen, ended]);
}
