import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { SandboxServices } from './services.js';

// Only what these functions named is ever removed; whatever else lies in the folder belongs to somebody else.
const SNAPSHOT_FILE = /^snap-[0-9a-f]{17}\.qcow2$/;
const PARTIAL_FILE = /^snap-[0-9a-f]{17}\.qcow2\.partial$/;

/** The file that a new snapshot's content goes to. */
export function resolveSnapshotFile(services: SandboxServices, snapshotId: string): string {
  return join(services.paths.imagesDir, `${snapshotId}.qcow2`);
}

/**
 * Removes a snapshot's file once nothing stands on it: no snapshot (copies share a file) and no instance (its disk is an
 * overlay). Files outside the sandbox's own image folder, such as base images, are left alone.
 */
export async function removeUnusedFile(services: SandboxServices, file: string): Promise<void> {
  const { world, paths } = services;
  if (dirname(file) !== paths.imagesDir || !SNAPSHOT_FILE.test(basename(file))) return;
  const isSnapshot = world.all.snapshots.list().some((snapshot) => snapshot.file === file);
  const isBacking = world.all.instances
    .list()
    .some((instance) => instance.baseImage === file && instance.state !== 'terminated');
  if (isSnapshot || isBacking) return;
  await services.snapshotDisks.forget(file);
  await rm(file, { force: true });
}

/** Removes what an interrupted capture, or a crash between a file and its record, left in the image folder. */
export async function removeStrayFiles(services: SandboxServices): Promise<void> {
  for (const name of await readdir(services.paths.imagesDir)) {
    const file = join(services.paths.imagesDir, name);
    if (PARTIAL_FILE.test(name)) await rm(file, { force: true });
    else await removeUnusedFile(services, file);
  }
}
