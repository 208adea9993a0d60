// A build with a packer that follows a script and an EC2 that is a few maps.
import { join } from 'node:path';
import type { SnapshotReader } from '../../src/aws/ports.js';
import { RUN_TAG } from '../../src/aws/ports.js';
import { buildImage } from '../../src/build/build-image.js';
import type { BuildImageRequest, BuildOutcome } from '../../src/build/build-request.js';
import { createBuildContext, systemClock } from '../../src/build/context.js';
import { gatherPlanFacts } from '../../src/build/gather-plan-facts.js';
import { loadTextTemplates } from '../../src/build/load-templates.js';
import type { ResolvedImage, ScanConfig } from '../../src/config/resolved-config.js';
import type { BuildimgEvent } from '../../src/events.js';
import { anImage } from './an-image.js';
import { aMachineImage, createFakeEc2, type FakeEc2, NO_SNAPSHOTS } from './fake-ec2.js';
import { type FakePackerScript, writeFakePacker } from './fake-packer.js';

const SOURCE = aMachineImage({ id: 'ami-debian', ownerId: '136693071363' });

/** What packer says until there is an instance. */
export const LAUNCH: readonly string[] = [
  ',ui,say,==> ami: Creating temporary keypair: packer_1',
  ',ui,say,==> ami: Creating temporary security group for this instance: packer_2',
  ',ui,say,==> ami: Launching a source AWS instance...',
  ',ui,message,    ami: Instance ID: i-1',
  ',ui,say,==> ami: Connected to SSH!',
];

export interface BuildChanges {
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  readonly scan?: ScanConfig;
  readonly image?: Partial<ResolvedImage>;
  readonly allowFindings?: boolean;
  readonly snapshots?: SnapshotReader;
  readonly sshPort?: number;
  /** Called when packer has announced its group; puts into EC2 what the real one would make then. */
  readonly onPacker?: (run: string, amiName: string) => void;
}

export interface PreparedBuild {
  readonly ec2: FakeEc2;
  readonly events: BuildimgEvent[];
  readonly build: (changes?: BuildChanges) => Promise<BuildOutcome>;
}

/** Writes the fake packer and gives a build of `anImage` that runs it. */
export async function prepareBuild(folder: string, script: FakePackerScript = {}): Promise<PreparedBuild> {
  const image = anImage();
  const ec2 = createFakeEc2();
  ec2.images.set(SOURCE.id, SOURCE);
  ec2.parameters.set('/aws/service/debian/release/12/latest/amd64', SOURCE.id);
  const config = {
    version: 1,
    file: join(folder, 'buildimg.yaml'),
    root: folder,
    images: [image],
    secrets: [],
  } as const;
  const facts = await gatherPlanFacts(config, new AbortController().signal);
  const templates = await loadTextTemplates(folder);
  const packer = { path: writeFakePacker(folder, { lines: LAUNCH, ...script }), version: '1.6.6' };
  const events: BuildimgEvent[] = [];
  const environment = { PATH: '/usr/bin:/bin', XDG_STATE_HOME: join(folder, 'state') };

  async function build(changes: BuildChanges = {}): Promise<BuildOutcome> {
    const { scan = image.scan, snapshots = NO_SNAPSHOTS, allowFindings = false } = changes;
    const { force = false, signal = new AbortController().signal, sshPort, onPacker } = changes;
    const request: BuildImageRequest = {
      image: { ...image, ...changes.image, scan },
      facts,
      templates,
      packer,
      force,
      allowFindings,
      tool: { name: 'buildimg', version: '0.0.0' },
      aws: { ...ec2.access, snapshots },
      childEnvironment: environment,
      sshSourceCidr: '127.0.0.1/32',
      ...(sshPort === undefined ? {} : { sshPort }),
      interruption: { signal, killSignal: new AbortController().signal },
      secrets: (changes.image?.secrets ?? []).map(({ value }) => value),
    };
    let started: { readonly run: string; readonly amiName: string } | undefined;
    const context = createBuildContext(environment, (event) => {
      events.push(event);
      if (event.name === 'run.started') {
        started = event;
      }
      if (event.name === 'resource.created' && event.kind === 'security-group' && started !== undefined) {
        onPacker?.(started.run, started.amiName);
      }
    });
    return buildImage(request, { ...context, clock: { now: () => systemClock.now(), sleep: hasten } });
  }
  return { ec2, build, events };
}

/** Limits stay as long as they are, so that nothing is killed early; waits for EC2 are cut short. */
function hasten(delayMs: number, signal: AbortSignal): Promise<void> {
  return systemClock.sleep(delayMs > 5000 ? delayMs : 1, signal);
}

/** Puts into EC2 what packer has launched. */
export function addInstance(ec2: FakeEc2, run: string): void {
  ec2.instances.set('i-1', { state: 'running', run, keyName: 'packer_1' });
  ec2.keyPairs.set('packer_1', {});
  ec2.securityGroups.set('sg-1', { name: 'packer_2' });
}

/** Puts into EC2 what packer has captured. */
export function addImage(ec2: FakeEc2, run: string, name: string, id = 'ami-1'): void {
  ec2.images.set(id, aMachineImage({ id, name, tags: { [RUN_TAG]: run }, snapshotIds: ['snap-1'] }));
}

/** Everything of the build that is still there. */
export function leftOf(ec2: FakeEc2): readonly string[] {
  const alive = [...ec2.instances].filter(([, { state }]) => state !== 'terminated').map(([id]) => id);
  const images = [...ec2.images.keys()].filter((id) => id !== SOURCE.id);
  return [...alive, ...images, ...ec2.keyPairs.keys(), ...ec2.securityGroups.keys()];
}
