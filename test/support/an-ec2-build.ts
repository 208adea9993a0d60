// Builds of the native builder against the sandbox's own endpoint, over machines that are not there: the guest answers the
// step protocol without running anything. Waits are cut short; limits are not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AwsAccess, createAwsAccess } from '../../src/aws/create-aws-access.js';
import { buildImage } from '../../src/build/build-image.js';
import type { BuildImageRequest, BuildOutcome } from '../../src/build/build-request.js';
import { createBuildContext, systemClock } from '../../src/build/context.js';
import { gatherPlanFacts } from '../../src/build/gather-plan-facts.js';
import { loadTextTemplates } from '../../src/build/load-templates.js';
import type { ResolvedImage } from '../../src/config/resolved-config.js';
import type { BuildimgEvent } from '../../src/events.js';
import type { GuestRun } from '../../src/sandbox/machine/guest-agent.js';
import { startTestSandbox, type TestSandbox, type TestSandboxOptions } from './a-sandbox.js';
import { anImage } from './an-image.js';
import { exitedWith } from './fake-instance-driver.js';
import { type SshGuests, serveSshGuests } from './ssh-guests.js';

export interface Ec2Builds extends TestSandbox {
  readonly aws: AwsAccess;
  readonly events: readonly BuildimgEvent[];
  /** What the steps of the next builds print and exit with, by title; the others print nothing and succeed. */
  readonly steps: Map<string, { readonly output?: string; readonly exitCodes: number[] }>;
  /** What a guest answers to scripts that hold a text. */
  readonly answers: Map<string, GuestRun>;
  /** Every script that a guest was given. */
  readonly scripts: string[];
  /** Machines that a build reaches over SSH. */
  readonly guests: SshGuests;
  readonly stateFolder: string;
  /** Of the config. */
  readonly root: string;
  /** Called with every script before its guest answers. */
  answerBefore(act: (script: string) => Promise<void>): void;
  /** What the guest does with a script that is none of a step's; undefined: it prints nothing and succeeds. */
  answerWith(act: (script: string) => Promise<GuestRun | undefined>): void;
  build(changes?: Partial<ResolvedImage>, request?: Partial<BuildImageRequest>): Promise<BuildOutcome>;
  /** What a build must not leave: instances that are not terminated, images, snapshots, volumes, key pairs, groups. */
  listLeft(region?: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function startEc2Builds(options: TestSandboxOptions = {}): Promise<Ec2Builds> {
  const folder = mkdtempSync(join(tmpdir(), 'ec2-build-'));
  const test = await startTestSandbox(options);
  const steps: Ec2Builds['steps'] = new Map();
  const answers: Ec2Builds['answers'] = new Map();
  const scripts: string[] = [];
  const events: BuildimgEvent[] = [];
  let boots = 0;
  let answerOther: ((script: string) => Promise<GuestRun | undefined>) | undefined;
  let before: ((script: string) => Promise<void>) | undefined;
  const answer = async (script: string): Promise<GuestRun> => {
    scripts.push(script);
    await before?.(script);
    const [, planned] = [...answers].find(([text]) => script.includes(text)) ?? [];
    if (planned !== undefined) return planned;
    if (script.includes('/boot_id')) return exitedWith(0, { stdout: `boot-${(boots += 1)}\n` });
    if (script.includes('run.sh')) return answerStep(script, steps);
    return (await answerOther?.(script)) ?? exitedWith(0);
  };
  test.driver.answerScripts(({ script }) => answer(script));
  const guests = await serveSshGuests(test.driver, answer);
  const { accessKeyId, secretAccessKey } = test.sandbox.credentials;
  const environment = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    XDG_STATE_HOME: join(folder, 'state'),
    PATH: '/usr/bin:/bin',
  };
  const aws = createAwsAccess({ region: 'us-east-1', endpoint: test.sandbox.endpoint, environment });
  return {
    ...test,
    aws,
    events,
    steps,
    answers,
    scripts,
    guests,
    stateFolder: join(folder, 'state', 'buildimg'),
    root: folder,
    answerBefore(act) {
      before = act;
    },
    answerWith(act) {
      answerOther = act;
    },
    async build(changes = {}, request = {}) {
      const image = anImage({
        builder: { ...anImage().builder, type: 'ec2', iamInstanceProfile: 'ssm' },
        ...changes,
      });
      const config = {
        version: 1,
        file: join(folder, 'buildimg.yaml'),
        root: folder,
        images: [image],
        secrets: [],
      } as const;
      const interruption = { signal: new AbortController().signal, killSignal: new AbortController().signal };
      const context = createBuildContext(environment, (event) => void events.push(event));
      return await buildImage(
        {
          image,
          facts: await gatherPlanFacts(config, interruption.signal),
          templates: await loadTextTemplates(folder),
          packer: undefined,
          aws,
          childEnvironment: environment,
          endpoint: test.sandbox.endpoint,
          force: false,
          allowFindings: false,
          tool: { name: 'buildimg', version: '0.0.0' },
          interruption,
          secrets: [],
          sshSourceCidr: '127.0.0.1/32',
          sshPort: test.sandbox.sshPort,
          ...request,
        },
        { ...context, clock: { now: () => systemClock.now(), sleep: (_, signal) => systemClock.sleep(1, signal) } },
      );
    },
    listLeft: (region = aws.region) => listLeft(aws.inRegion(region)),
    async close() {
      aws.close();
      await guests.close();
      await test.sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The title is in no script; the provisioner's path is. */
function answerStep(script: string, steps: Ec2Builds['steps']): GuestRun {
  const [, step] = [...steps].find(([title]) => script.includes(`/${title}`)) ?? [];
  const offset = Number(/answer "\$d" (\d+)/.exec(script)?.[1] ?? 0);
  const output = Buffer.from(step?.output ?? '').subarray(offset, offset + 16_000);
  const isLast = offset + output.length >= (step?.output ?? '').length;
  const exitCode = isLast
    ? (step?.exitCodes.length ?? 0) > 1
      ? step?.exitCodes.shift()
      : step?.exitCodes[0]
    : undefined;
  return exitedWith(0, { stdout: `${isLast ? (exitCode ?? 0) : 'running'}\n${output.toString('base64')}` });
}

async function listLeft({ resources }: AwsAccess): Promise<readonly string[]> {
  const everything = '*';
  const query = { run: everything, names: [everything], ids: [], keyNames: [everything] };
  const instances = await resources.findInstances(query);
  const found = [
    ...instances.filter(({ state }) => state !== 'terminated'),
    ...(await resources.findImages(query)),
    ...(await resources.findSnapshots({ ...query, instanceIds: [] })),
    ...(await resources.findVolumes(everything)),
    ...(await resources.findKeyPairs(query)),
    ...(await resources.findSecurityGroups({ ...query, names: ['packer*', 'buildimg*'] })),
  ];
  return found.map(({ id }) => id);
}
