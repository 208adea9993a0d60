import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import type { Clock } from '../clock.js';
import { type AwsAccessOptions, clientSettings } from './client-settings.js';
import { registerImage } from './image-registrar.js';
import type { RegistrationAccess } from './registration-ports.js';
import { openSnapshotBlocks } from './snapshot-blocks.js';
import { createSnapshotWriter } from './snapshot-writer.js';

/** As many as coldsnap and the other uploaders have: a connection within the region is full then. */
export const PARALLEL_BLOCKS = 64;
/** A block in half a minute is 140 kbit/s; slower than that hangs. */
const TIMEOUTS = { connectionTimeout: 5000, requestTimeout: 30_000, throwOnRequestTimeout: true };

/** Opens what registering a disk image needs in one region. Makes no request. */
export function createRegistrationAccess(options: AwsAccessOptions, clock: Clock): RegistrationAccess {
  const settings = clientSettings(options);
  const ec2 = new EC2Client(settings);
  const agents = { httpAgent: { maxSockets: PARALLEL_BLOCKS }, httpsAgent: { maxSockets: PARALLEL_BLOCKS } };
  const requestHandler = { ...TIMEOUTS, ...agents };
  const writing = new EBSClient({ ...settings, maxAttempts: 1, requestHandler });
  const reading = new EBSClient({ ...settings, requestHandler });
  return {
    snapshots: createSnapshotWriter({ ebs: writing, clock, parallelBlocks: PARALLEL_BLOCKS }),
    async openParent(snapshotId, signal) {
      const blocks = await openSnapshotBlocks({ ebs: reading, snapshotId, signal });
      return {
        size: blocks.size,
        has: (index) => blocks.listBetween(index, index).length > 0,
        fetch: (index) => blocks.fetch(index),
      };
    },
    registerImage: (registration) => registerImage(ec2, registration),
    close() {
      ec2.destroy();
      writing.destroy();
      reading.destroy();
    },
  };
}
