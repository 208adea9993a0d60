// A Debian root folder as a build leaves it: what our own base image has, a few more packages, hardened and sealed by our
// own provisioners. Made once for equal inputs and kept in the cache, so nobody may write into it: copyRootfs gives a copy.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { createDebianRecipe, type DebianOs } from '../../src/sandbox/image/debian-recipe.js';
import { makeDebianRootfs, renderCustomizeScript } from '../../src/sandbox/image/debian-rootfs.js';
import { findHostSources } from '../../src/sandbox/image/host-mirror.js';
import type { PolicyName } from '../../src/scan/finding.js';
import { MUTATION_OPTIONS } from '../provisioners/support/harden-mutations.js';
import { createMachine, PROVISIONERS, rootfsCache } from '../provisioners/support/rootfs.js';
import { listFiles } from './list-files.js';

/** What cis-l1 asks for, and what a user's image typically has besides. */
const MORE_PACKAGES = ['auditd', 'chrony', 'nftables', 'rsyslog', 'ssl-cert', 'unattended-upgrades'];
const DAY_MS = 24 * 60 * 60_000;
const FSTAB = 'UUID=8f2b0c1e-5a0d-4a2f-9c3e-1d2c3b4a5f60 / ext4 rw,discard,errors=remount-ro 0 1\n';

export interface SealedDebian {
  readonly os: DebianOs;
  /** The profile of harden that is applied; undefined for an image that is sealed only. */
  readonly profile: PolicyName | undefined;
}

/** The folder of a sealed root file system; needs root. Takes minutes for the first of an OS, 20 s for another profile. */
export async function getSealedDebian({ os, profile }: SealedDebian): Promise<string> {
  const provisioners = await digestFiles(PROVISIONERS);
  const options = profile === undefined ? {} : hardenOptions(profile);
  const key = digest([await keyOfStock(os), options, provisioners]);
  return ensureFolder(`${os}-${profile ?? 'sealed'}-${key}`, async (target) => {
    const machine = await createMachine(await getStockDebian(os));
    try {
      if (profile !== undefined) assertDone(await machine.provision('harden/apply.sh', options));
      assertDone(await machine.provision('seal/apply.sh'));
      await machine.exportTo(target);
    } finally {
      await machine.remove();
    }
  });
}

/** The same before any provisioner: the root folder of the base image with those packages. */
export async function getStockDebian(os: DebianOs): Promise<string> {
  return ensureFolder(`${os}-stock-${await keyOfStock(os)}`, async (target, workFolder) => {
    const recipe = withMorePackages(os);
    const sources = await findHostSources(recipe.suite);
    const tar = await makeDebianRootfs({ recipe, sources, workFolder, isRoot: true });
    await mkdir(target);
    await execa('tar', ['-xf', tar, '-C', target, '--numeric-owner', '--same-permissions', '--exclude', './dev/*']);
    await writeFile(join(target, 'etc/fstab'), FSTAB);
  });
}

/** A copy beside the original, made of hard links: files in it may be replaced, but not written in place. */
export async function copyRootfs(original: string): Promise<string> {
  const copy = await mkdtemp(`${original}.copy-`);
  await rm(copy, { recursive: true });
  await execa('cp', ['-al', original, copy]);
  return copy;
}

/** With everything that cis-l1 asks for only if its user does, so that each of its checks can pass. */
function hardenOptions(profile: PolicyName): Readonly<Record<string, string>> {
  if (profile !== 'cis-l1') return { PROFILE: profile };
  return MUTATION_OPTIONS;
}

function withMorePackages(os: DebianOs) {
  const recipe = createDebianRecipe(os);
  return { ...recipe, packages: [...recipe.packages, ...MORE_PACKAGES] };
}

async function keyOfStock(os: DebianOs): Promise<string> {
  const recipe = withMorePackages(os);
  return digest([recipe, renderCustomizeScript(recipe), FSTAB]);
}

/** `make` fills a folder that does not exist yet; test files that run side by side wait for each other. */
async function ensureFolder(
  name: string,
  make: (target: string, workFolder: string) => Promise<void>,
): Promise<string> {
  const folder = join(rootfsCache(), name);
  await mkdir(dirname(folder), { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    await utimes(`${folder}.lock`, new Date(), new Date());
    if (await stat(folder).catch(() => undefined)) return;
    await removeUnused(folder);
    const workFolder = await mkdtemp(`${folder}.work-`);
    try {
      await make(join(workFolder, 'root'), workFolder);
      await rename(join(workFolder, 'root'), folder);
    } finally {
      await rm(workFolder, { recursive: true, force: true });
    }
  });
  return folder;
}

/** Each change of a provisioner makes folders of half a gigabyte: those of the same kind that a day did not need go. */
async function removeUnused(folder: string): Promise<void> {
  const kind = folder.slice(0, folder.lastIndexOf('-') + 1);
  for (const name of await readdir(dirname(folder))) {
    const other = join(dirname(folder), name);
    const lock = await stat(`${other}.lock`).catch(() => undefined);
    if (!other.startsWith(kind) || lock === undefined || Date.now() - lock.mtimeMs < DAY_MS) continue;
    await rm(other, { recursive: true, force: true });
    await rm(`${other}.lock`);
  }
}

// The kernel lets go of the lock when the process that holds it dies, however it dies.
async function withLock(file: string, work: () => Promise<void>): Promise<void> {
  const holder = execa('flock', [file, 'sh', '-c', 'echo held; cat'], { stdin: 'pipe', reject: false });
  try {
    await new Promise((resolve, reject) => {
      holder.stdout.once('data', resolve);
      holder.once('error', reject);
    });
    await work();
  } finally {
    holder.stdin.end();
    await holder;
  }
}

async function digestFiles(folder: string): Promise<string> {
  const files = listFiles(folder, { extensions: [''] });
  return digest(await Promise.all(files.map(async (file) => [relative(folder, file), await readFile(file, 'base64')])));
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

function assertDone({ exitCode, stdout, stderr }: { exitCode: number; stdout: string; stderr: string }): void {
  if (exitCode !== 0) throw new Error(`a provisioner failed with ${exitCode}:\n${stdout}\n${stderr}`);
}
