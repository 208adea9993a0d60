import { DeregisterImageCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { PlatformVersionRecord } from '../world/service-records.js';
import type { SandboxServices } from '../world/services.js';
import { type EventSubject, recordEvent } from './events.js';

/** Removes a platform version with its image and the image's snapshots. Its log stays, as on AWS. */
export async function deletePlatform(
  services: SandboxServices,
  platform: PlatformVersionRecord,
  subject: EventSubject,
): Promise<void> {
  const label = `${platform.name}/${platform.version}`;
  try {
    if (platform.imageId !== undefined) await deregisterImage(services, platform.region, platform.imageId);
    services.world.platformVersions.remove(platform.id);
    recordEvent(services, subject, { message: `Successfully deleted platform version '${label}'.` });
  } catch (error) {
    services.world.platformVersions.put({ ...platform, status: 'Failed' });
    const reason = error instanceof Error ? error.message : String(error);
    recordEvent(services, subject, { severity: 'ERROR', message: reason });
    recordEvent(services, subject, { message: `Failed to delete platform version '${label}'.` });
  }
  await services.world.commit();
}

/** Deregisters an image of this sandbox, unless that has happened already. */
export async function deregisterImage(services: SandboxServices, region: string, imageId: string): Promise<void> {
  if (services.world.images.find(imageId) === undefined) return;
  const { endpoint, credentials } = services.describe();
  const ec2 = new EC2Client({ endpoint, credentials, region });
  try {
    await ec2.send(new DeregisterImageCommand({ ImageId: imageId, DeleteAssociatedSnapshots: true }), {
      abortSignal: services.signal,
    });
  } finally {
    ec2.destroy();
  }
}
