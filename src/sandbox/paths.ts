import { join } from 'node:path';

/** Where a sandbox keeps what it knows. Everything is below one folder, so that removing it removes the sandbox. */
export interface SandboxPaths {
  readonly stateDir: string;
  /** Images, instances, keys …: what the API answers from. */
  readonly worldFile: string;
  readonly credentialsFile: string;
  readonly daemonFile: string;
  readonly logFile: string;
  /** The certificate that a client must trust to talk through the proxy. */
  readonly caFile: string;
  readonly tlsDir: string;
  /** One `<snapshotId>.qcow2` per snapshot that was taken here. */
  readonly imagesDir: string;
  /** One descriptor per base image; see world/base-images.ts. */
  readonly baseImagesDir: string;
  /** Snapshots as raw disks, for reading and writing them block by block. */
  readonly blocksDir: string;
  /** Objects of S3 by a random name; their keys are in the world. */
  readonly objectsDir: string;
  /** Events of CloudWatch Logs, one file of JSON lines a stream. */
  readonly logsDir: string;
  /** Custom platforms while they are built, and Packer's whole output. */
  readonly platformsDir: string;
  /** Private keys by which deployments reach the instances of environments. */
  readonly keysDir: string;
  /** The machine side's own folder. */
  readonly machinesDir: string;
}

export function resolveSandboxPaths(stateDir: string): SandboxPaths {
  return {
    stateDir,
    worldFile: join(stateDir, 'world.json'),
    credentialsFile: join(stateDir, 'credentials.json'),
    daemonFile: join(stateDir, 'daemon.json'),
    logFile: join(stateDir, 'sandbox.log'),
    caFile: join(stateDir, 'tls', 'ca.pem'),
    tlsDir: join(stateDir, 'tls'),
    imagesDir: join(stateDir, 'images'),
    baseImagesDir: join(stateDir, 'base-images'),
    blocksDir: join(stateDir, 'blocks'),
    objectsDir: join(stateDir, 'objects'),
    logsDir: join(stateDir, 'logs'),
    platformsDir: join(stateDir, 'platforms'),
    keysDir: join(stateDir, 'keys'),
    machinesDir: join(stateDir, 'machines'),
  };
}
