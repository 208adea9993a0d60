import { readdirSync, readlinkSync } from 'node:fs';
import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import type { Home } from './run-cli.js';

/** The variables that `buildimg sandbox env` sets, as a shell would see them. */
export async function readSandboxEnvironment(home: Home): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await home.run('sandbox', 'env');
  return Object.fromEntries([...stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
}

/** A client of the SDK for the sandbox of `home`. */
export async function createSandboxClient(home: Home): Promise<EC2Client> {
  return new EC2Client(await readClientOptions(home));
}

/** The same for S3. */
export async function createSandboxS3(home: Home): Promise<S3Client> {
  return new S3Client({ ...(await readClientOptions(home)), forcePathStyle: true });
}

async function readClientOptions(home: Home) {
  const environment = await readSandboxEnvironment(home);
  return {
    region: 'us-east-1',
    endpoint: environment['AWS_ENDPOINT_URL'] ?? '',
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  };
}

export interface Leftovers {
  readonly instances: readonly string[];
  readonly keyPairs: readonly string[];
  readonly securityGroups: readonly string[];
  readonly images: readonly string[];
  readonly snapshots: readonly string[];
  /** Process ids of QEMU machines below the home's folder. */
  readonly machines: readonly string[];
}

export const NOTHING_LEFT: Leftovers = {
  instances: [],
  keyPairs: [],
  securityGroups: [],
  images: [],
  snapshots: [],
  machines: [],
};

/** Everything of the account that a build could have left behind. */
export async function listLeftovers(client: EC2Client, home: Home): Promise<Leftovers> {
  const instances = await client.send(new DescribeInstancesCommand({}));
  const keyPairs = await client.send(new DescribeKeyPairsCommand({}));
  const groups = await client.send(new DescribeSecurityGroupsCommand({}));
  const images = await client.send(new DescribeImagesCommand({ Owners: ['self'] }));
  const snapshots = await client.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  return {
    instances: (instances.Reservations ?? [])
      .flatMap((reservation) => reservation.Instances ?? [])
      .filter((instance) => instance.State?.Name !== 'terminated')
      .map((instance) => instance.InstanceId ?? ''),
    keyPairs: (keyPairs.KeyPairs ?? []).map((pair) => pair.KeyName ?? ''),
    securityGroups: (groups.SecurityGroups ?? [])
      .map((group) => group.GroupName ?? '')
      .filter((name) => name !== 'default'),
    images: (images.Images ?? []).map((image) => image.ImageId ?? ''),
    snapshots: (snapshots.Snapshots ?? []).map((snapshot) => snapshot.SnapshotId ?? ''),
    machines: listMachines(home.folder),
  };
}

/** A machine's working folder is its own folder in the sandbox's state. */
function listMachines(folder: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(`${folder}/buildimg/sandbox/machines/`);
    } catch {
      // Ended in the meantime.
      return false;
    }
  });
}
