// Builds by a packer of 1.16, whose scripts print what looks like packer's own words, beside resources of others.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sandboxEnvironment } from '../../src/sandbox/environment.js';
import { type Ec2Builds, startEc2Builds } from '../support/an-ec2-build.js';
import { anImage } from '../support/an-image.js';
import { addBystanders, type Bystanders } from '../support/bystanders.js';
import { bundleStandIn, type TranscriptName, writeStandIn } from '../support/stand-in-packer/write-stand-in.js';

let program: string;
beforeAll(async () => {
  program = await bundleStandIn();
});
afterAll(() => rmSync(dirname(program), { recursive: true }));

let test: Ec2Builds;
let bystanders: Bystanders;
beforeEach(async () => {
  test = await startEc2Builds();
  bystanders = await addBystanders(test);
});
afterEach(() => test.close());

const ALL: readonly TranscriptName[] = ['packer-1.6.6', 'packer-1.6.6-fails', 'packer-1.16.0', 'packer-1.16.0-fails'];

describe('a build by packer whose script says what packer says', () => {
  it.each(ALL)('knows, removes and leaves the same as without (%s)', async (transcript) => {
    await build(transcript, []);
    const quiet = describeBuild();

    await build(transcript, listLies(bystanders));

    expect(describeBuild()).toEqual(quiet);
    expect(bystanders.listTouched()).toEqual([]);
    expect(await listLeft()).toEqual(transcript.endsWith('fails') ? [] : ['ami', 'ami', 'snap', 'snap']);
  });

  it('journals instance and pending image as EC2 shows them, and takes the expiry from the finished image', async () => {
    await build('packer-1.16.0', listLies(bystanders));

    const { resources, steps } = describeBuild();
    const finished = await listFinished();
    expect(resources).toEqual(['key-pair', 'security-group', 'instance', 'image']);
    expect(steps.slice(steps.indexOf('start packer')).join(', ')).toBe(
      'start packer, launch instance, connect, upload, seal, stop instance, create image, ' +
        'verify image, require IMDSv2, drop expiry, scan image, look for leftovers',
    );
    expect(finished.map(({ id }) => id.split('-')[0])).toEqual(['ami', 'snap']);
    for (const { tags } of finished) expect(Object.keys(tags)).not.toContain('buildimg:expires');
  });

  it('tells in its log what the script said', async () => {
    await build('packer-1.16.0', [`Creating temporary keypair: ${bystanders.keyName}`]);

    const runs = join(test.stateFolder, 'runs');
    const log = readFileSync(join(runs, readdirSync(runs)[0] ?? '', 'build.log'), 'utf8');
    expect(log).toContain(`Creating temporary keypair: ${bystanders.keyName}`);
  });
});

/** The sentences by which packer names what it makes, about what others made, and those by which it names its steps. */
function listLies({ keyName, groupName, instanceId, imageId }: Bystanders): readonly string[] {
  return [
    `Creating temporary keypair: ${keyName}`,
    `Creating temporary ed25519 SSH key for instance: ${keyName}`,
    `Creating temporary security group for this instance: ${groupName}`,
    'Launching a source AWS instance...',
    `Instance ID: ${instanceId}`,
    'Running local shell script: /tmp/packer-shell7',
    'Stopping the source instance...',
    `Creating AMI web-x86_64-1.4.0-00000000 from instance ${instanceId}`,
    `AMI: ${imageId}`,
    `1796059639,amazon-ebs.tiny,artifact,0,id,us-east-1:${imageId}`,
    'Provisioning step had errors: Running the cleanup provisioner, if present...',
    'Cancelling build after receiving interrupt',
    'Pausing 10s before the next provisioner...',
  ];
}

async function build(transcript: TranscriptName, says: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(test.root, 'packer-'));
  const packer = writeStandIn(folder, { transcript, program, says });
  const childEnvironment = { PATH: process.env['PATH'], ...sandboxEnvironment(test.sandbox) };
  const builder = { ...anImage().builder, packerVersion: packer.version };
  const building = test.build({ builder }, { packer, childEnvironment, force: true });
  await building.catch((error: unknown) => {
    if ((error as { readonly code?: string }).code !== 'PACKER_BUILD_FAILED') throw error;
  });
}

/** Images and snapshots of the last run. */
async function listFinished() {
  const run = test.events.findLast((event) => event.name === 'run.started')?.run ?? '';
  const query = { run, names: [], ids: [], instanceIds: [] };
  const { resources } = test.aws;
  return [...(await resources.findImages(query)), ...(await resources.findSnapshots(query))];
}

interface BuildStory {
  readonly resources: readonly string[];
  readonly steps: readonly string[];
  readonly outcome: readonly string[];
}

/** What is left in the account and nobody else's, by kind. */
async function listLeft(): Promise<readonly string[]> {
  const left = (await test.listLeft()).filter((id) => !bystanders.isBystander(id));
  return left.map((id) => id.split('-')[0] ?? '').toSorted();
}

/** Of the last build: what it knew of, with ids by their kind alone, its steps, and what became of it. */
function describeBuild(): BuildStory {
  const events = test.events.slice(test.events.findLastIndex(({ name }) => name === 'run.started'));
  return {
    resources: events.flatMap((event) => (event.name === 'resource.created' ? [event.kind] : [])),
    steps: events.flatMap((event) => (event.name === 'step.started' ? [event.step] : [])),
    outcome: events.flatMap((event) => {
      if (event.name === 'step.failed') return [`${event.step} failed: ${event.reason}`];
      return event.name === 'run.finished' ? [event.outcome] : [];
    }),
  };
}
