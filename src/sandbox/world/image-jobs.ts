// What happens between CreateImage's reply and `available`. A job that finds its image gone (DeregisterImage while
// pending) removes what it made.

import { rename, rm } from 'node:fs/promises';
import { removeUnusedFile } from './disk-files.js';
import { findEncryptionKey } from './encryption-keys.js';
import { lastAtLeast } from './last-at-least.js';
import type { ImageRecord } from './records.js';
import type { SandboxServices } from './services.js';

/** Fills a pending image: from its instance's disk, or, for a copy, from a snapshot that is already there. */
export function startImageJob(services: SandboxServices, image: ImageRecord): void {
  const { sourceInstanceId } = image;
  if (sourceInstanceId === undefined) {
    services.runJob(`finish ${image.id}`, () => finishCopy(services, image));
    return;
  }
  const previous = services.captures.get(sourceInstanceId) ?? Promise.resolve();
  const capture = previous.then(() => captureDisk(services, image, sourceInstanceId));
  const settled = capture.then(
    () => undefined,
    () => undefined,
  );
  services.captures.set(sourceInstanceId, settled);
  services.runJob(`capture ${image.id}`, async () => {
    try {
      await capture;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      services.log(`capture of ${image.id} failed: ${message}`);
      await failImage(services, image, `Server.InternalError: ${message}`);
      return;
    } finally {
      if (services.captures.get(sourceInstanceId) === settled) services.captures.delete(sourceInstanceId);
    }
    await finishImage(services, image);
  });
}

/** Begins again every image that was pending when the sandbox ended. */
export function resumeImageJobs(services: SandboxServices): void {
  for (const image of services.world.images.list()) {
    if (image.state === 'pending') startImageJob(services, image);
  }
}

async function captureDisk(services: SandboxServices, image: ImageRecord, instanceId: string): Promise<void> {
  const { world, driver } = services;
  const file = world.snapshots.find(image.snapshotId)?.file;
  if (file === undefined) return;
  const machine = driver.find(instanceId);
  if (machine === undefined) throw new Error(`Instance ${instanceId} is gone`);
  const fault = services.faults.take('sandbox:capture', {
    region: image.region,
    accountId: image.ownerId,
    nowMs: services.clock.now().getTime(),
  });
  if (fault?.kind === 'error') throw new Error(fault.message ?? fault.code);
  if (machine.state !== 'stopped') await driver.stop(instanceId, { force: false });
  try {
    await driver.capture(instanceId, `${file}.partial`);
    await rename(`${file}.partial`, file);
  } catch (error) {
    await rm(`${file}.partial`, { force: true });
    throw error;
  } finally {
    if (world.instances.find(instanceId)?.state === 'running') await driver.start(instanceId);
  }
}

/** EC2 says no more than this of a copy whose key it cannot use, and only when it has come to it. */
async function finishCopy(services: SandboxServices, image: ImageRecord): Promise<void> {
  const { world, faults, clock } = services;
  const kmsKeyId = world.snapshots.find(image.snapshotId)?.kmsKeyId;
  const place = { world, region: image.region, accountId: image.ownerId };
  const isLocked = kmsKeyId !== undefined && findEncryptionKey(place, kmsKeyId) === undefined;
  const fault = faults.take('sandbox:copy', { ...place, nowMs: clock.now().getTime() });
  if (!isLocked && fault?.kind !== 'error') return await finishImage(services, image);
  services.log(
    `copy ${image.id} failed: ${isLocked ? `no KMS key ${kmsKeyId} in ${image.region}` : 'as the fault plan says'}`,
  );
  if (isLocked) world.snapshots.update(image.snapshotId, { stateMessage: 'Given key ID is not accessible' });
  await failImage(services, image, 'Copy image failed with an internal error.');
}

async function finishImage(services: SandboxServices, image: ImageRecord): Promise<void> {
  const { world, delays, signal } = services;
  await lastAtLeast(delays.imageMs, image.createdAt, services);
  // Closing ends the wait early; the image stays pending and is taken up at the next start.
  if (signal.aborted && delays.imageMs > 0) return;
  const snapshot = world.snapshots.find(image.snapshotId);
  if (world.images.find(image.id) === undefined) {
    world.snapshots.remove(image.snapshotId);
    if (snapshot !== undefined) await removeUnusedFile(services, snapshot.file);
  } else {
    world.snapshots.update(image.snapshotId, { state: 'completed' });
    world.images.update(image.id, { state: 'available' });
  }
  await world.commit();
}

async function failImage(services: SandboxServices, image: ImageRecord, message: string): Promise<void> {
  if (services.world.images.find(image.id) === undefined) services.world.snapshots.remove(image.snapshotId);
  else services.world.snapshots.update(image.snapshotId, { state: 'error' });
  services.world.images.update(image.id, {
    state: 'failed',
    stateReason: { code: 'Server.InternalError', message },
  });
  await services.world.commit();
}
