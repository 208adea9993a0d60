// The life of a custom platform version from its archive to Ready or Failed. Events and log lines are worded as Elastic
// Beanstalk words them; where the sandbox has no builder environment, they say so.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensurePrivateFolder } from '../../private-folder.js';
import { ensureLogStream } from '../logs/log-store.js';
import type { PlatformVersionRecord } from '../world/service-records.js';
import type { SandboxServices } from '../world/services.js';
import { renderBootstrapScript } from './bootstrap-script.js';
import { prepareTemplate } from './builder-template.js';
import { deregisterImage } from './delete-platform.js';
import { type EventSubject, recordEvent } from './events.js';
import { platformLogGroup } from './platform-arn.js';
import { openPlatformLog, type PlatformLog } from './platform-log.js';
import { type PackerOutcome, runPacker } from './run-packer.js';
import { type PlatformDefinition, unpackPlatform } from './unpack-platform.js';

/** Run tag of the build instance. */
export const PLATFORM_TAG = 'buildimg-sandbox:platform';

const BOOTSTRAP_SCRIPT = 'awseb-bootstrap/eb-bootstrap.sh';

/** Builds a platform version; how it ends is in its record and its events. */
export async function buildPlatform(
  services: SandboxServices,
  platform: PlatformVersionRecord,
  subject: EventSubject,
): Promise<void> {
  const { world } = services;
  const folder = findBuildFolder(services, platform);
  const label = `${platform.name}/${platform.version}`;
  try {
    const definition = await unpack(services, platform, folder);
    world.platformVersions.update(platform.id, { definition: definition.facts });
    const imageId = await build(services, { platform, subject, folder, definition });
    changeStatus(services, platform, { status: 'Ready', imageId });
    recordEvent(services, subject, { message: `Successfully created platform version '${label}'.` });
  } catch (error) {
    // A sandbox that closes leaves it Creating; take-up-work.ts ends it, with what packer left, at the next start.
    if (services.signal.aborted) return;
    const reason = error instanceof Error ? error.message : String(error);
    failPlatform(services, platform, { reason, subject });
  } finally {
    await rm(folder, { recursive: true, force: true });
    await world.commit();
  }
}

/** Where the archive of a platform version is unpacked while it is built. */
export function findBuildFolder({ paths }: SandboxServices, { id }: PlatformVersionRecord): string {
  return join(paths.platformsDir, id.replace(/[^\w.-]/g, '_'));
}

/** Marks a platform version as Failed and says why. */
export function failPlatform(
  services: SandboxServices,
  platform: PlatformVersionRecord,
  { reason, subject }: { readonly reason: string; readonly subject: EventSubject },
): void {
  changeStatus(services, platform, { status: 'Failed', failure: reason });
  recordEvent(services, subject, { severity: 'ERROR', message: reason });
  const message = `Failed to create platform version '${platform.name}/${platform.version}'.`;
  recordEvent(services, subject, { message });
}

function changeStatus(
  { world, clock }: SandboxServices,
  platform: PlatformVersionRecord,
  changes: Partial<PlatformVersionRecord>,
): void {
  world.platformVersions.update(platform.id, { ...changes, packer: undefined, updatedAt: clock.now().toISOString() });
}

async function unpack(
  services: SandboxServices,
  platform: PlatformVersionRecord,
  folder: string,
): Promise<PlatformDefinition> {
  const object = services.world.objects.find(`${platform.bundle.bucket}/${platform.bundle.key}`);
  if (object === undefined) throw new Error(`The archive ${platform.bundle.key} is gone from its bucket.`);
  await rm(folder, { recursive: true, force: true });
  ensurePrivateFolder(folder);
  const { signal } = services;
  const { region, allowsLocalCommands = false } = platform;
  return unpackPlatform(join(services.paths.objectsDir, object.file), { folder, region, allowsLocalCommands, signal });
}

interface BuildOrder {
  readonly platform: PlatformVersionRecord;
  readonly subject: EventSubject;
  readonly folder: string;
  readonly definition: PlatformDefinition;
}

async function build(services: SandboxServices, order: BuildOrder): Promise<string> {
  const { platform, subject, folder } = order;
  const { region, name, version } = platform;
  const group = platformLogGroup(name);
  recordEvent(services, subject, {
    message: 'Running Packer on the machine of the sandbox, in place of a builder environment.',
  });
  recordEvent(services, subject, { message: 'Starting Packer building task.' });
  recordEvent(services, subject, { message: `Creating CloudWatch log group '${group}'.` });
  const stream = ensureLogStream(services, { region, group, name: version });
  const logFile = join(services.paths.platformsDir, `${name}:${version}-builder.log`.replaceAll('/', '_'));
  const log = openPlatformLog(services, stream, logFile);
  try {
    const template = await writeTemplate(services, order, log);
    log.info("Invoking 'packer build'...");
    const outcome = await runPacker(services, {
      platform,
      folder,
      template,
      onLine: (line) => log.packer(line),
      // On disk before it goes on: a sandbox that is killed from now on finds it at its next start.
      onStart: async (packer) => {
        services.world.platformVersions.update(platform.id, { packer });
        await services.world.commit();
      },
    });
    log.info("'packer build' finished.");
    return await acceptImage(services, { ...order, outcome, logFile, log });
  } catch (error) {
    log.error(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    await log.close();
  }
}

async function writeTemplate(
  { network, world }: SandboxServices,
  { platform, folder, definition }: BuildOrder,
  log: PlatformLog,
): Promise<string> {
  const bootstrap = join(folder, BOOTSTRAP_SCRIPT);
  await mkdir(dirname(bootstrap), { recursive: true });
  await writeFile(bootstrap, renderBootstrapScript());
  log.info(`Injecting script ${BOOTSTRAP_SCRIPT} into Packer template...`);
  const prepared = prepareTemplate(await readFile(join(folder, definition.template), 'utf8'), {
    bootstrapScript: BOOTSTRAP_SCRIPT,
    sshPort: network.sshPort,
    runTags: { [PLATFORM_TAG]: platform.id },
  });
  world.platformVersions.update(platform.id, { loginUser: prepared.loginUser });
  // Beside the original, so that {{template_dir}} is the same.
  const file = join(dirname(definition.template), 'awseb-template.json');
  await writeFile(join(folder, file), prepared.text);
  return file;
}

interface Outcome extends BuildOrder {
  readonly outcome: PackerOutcome;
  readonly logFile: string;
  readonly log: PlatformLog;
}

async function acceptImage(services: SandboxServices, { platform, subject, ...rest }: Outcome): Promise<string> {
  const { outcome, logFile, log } = rest;
  const { region, id: arn } = platform;
  const imageId = outcome.images.get(region);
  if (outcome.error === undefined && imageId !== undefined) {
    const message = `Successfully built AMI(s): '${imageId}' for '${arn}'`;
    log.info(message);
    recordEvent(services, subject, { message });
    recordEvent(services, subject, { message: `Packer built AMIs: ${imageId}.` });
    return imageId;
  }
  for (const [imageRegion, id] of outcome.images) await deregisterImage(services, imageRegion, id);
  if (outcome.error === undefined) {
    const built = [...outcome.images].map(([where, id]) => `'${id}' in ${where}`).join(', ');
    throw new Error(`Unmatched region for created AMI ${built || '(none was created)'}: the platform is in ${region}.`);
  }
  const saved = `'packer build' failed, the build log has been saved to '${logFile}'`;
  log.error(saved);
  recordEvent(services, subject, { severity: 'ERROR', message: saved });
  throw new Error(`Packer failed with error: '${outcome.error.trim()}'`);
}
