// Makes a bootable qcow2 out of a root file system's tar, without root rights, loop devices or mounts.

import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runTool } from '../machine/run-tool.js';
import { KERNEL_FILE } from './base-image.js';
import { KERNEL_ARGUMENTS } from './debian-guest-files.js';
import type { DiskLayout } from './disk-layout.js';
import { locateGrub } from './grub-embedding.js';
import { GRUB_FOLDER } from './grub-files.js';

export interface DiskRequest {
  readonly rootfsTar: string;
  readonly layout: DiskLayout;
  readonly workFolder: string;
  readonly isRoot: boolean;
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 5 * 60_000;
/** Returns the path of the qcow2, beside which the kernel lies. Errors: SANDBOX_TOOL_MISSING, SANDBOX_TOOL_FAILED. */
export async function makeDebianDisk(request: DiskRequest): Promise<string> {
  const { layout, workFolder, signal } = request;
  const raw = path.join(workFolder, 'disk.raw');
  await partition(raw, layout, signal);
  await fillRootPartition(raw, request);
  await embedGrub(raw, request);
  const disk = path.join(workFolder, 'disk.qcow2');
  await runTool({
    program: 'qemu-img',
    arguments: ['convert', '-f', 'raw', '-O', 'qcow2', '-o', 'compat=1.1,lazy_refcounts=on', raw, disk],
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  return disk;
}

async function partition(raw: string, layout: DiskLayout, signal: AbortSignal | undefined): Promise<void> {
  const file = await open(raw, 'w');
  await file.truncate(layout.sizeBytes);
  await file.close();
  await runTool({
    program: '/sbin/sfdisk',
    arguments: ['--quiet', '--no-reread', '--no-tell-kernel', raw],
    input: layout.partitionScript,
    timeoutMs: TIMEOUT_MS,
    signal,
  });
}

// Owners and modes must come out as root's: either by being root, or in one fakeroot session over tar and mke2fs.
async function fillRootPartition(raw: string, request: DiskRequest): Promise<void> {
  const { layout, workFolder } = request;
  const rootfs = path.join(workFolder, 'rootfs');
  await mkdir(rootfs);
  await writeFile(path.join(workFolder, 'grub.cfg'), GRUB_CONFIG);
  await writeFile(path.join(workFolder, 'fill.sh'), FILL_SCRIPT);
  const script = ['sh', path.join(workFolder, 'fill.sh'), request.rootfsTar, rootfs, raw];
  const ids = [layout.rootPartitionId, layout.rootFilesystemId];
  const size = [String(layout.rootOffsetBytes), String(layout.rootSizeKib)];
  const [program = 'sh', ...rest] = [...(request.isRoot ? [] : ['fakeroot']), ...script, ...ids, ...size];
  await runTool({ program, arguments: rest, timeoutMs: TIMEOUT_MS, signal: request.signal, workingFolder: workFolder });
}

const FILL_SCRIPT = `set -eu
tar=$1 root=$2 raw=$3 partition=$4 filesystem=$5 offset=$6 size_kib=$7
# devtmpfs fills /dev at boot, and device nodes may not be made everywhere.
tar --extract --file "$tar" --directory "$root" --numeric-owner --same-permissions --exclude './dev/*'
printf 'PARTUUID=%s / ext4 rw,discard,errors=remount-ro 0 1\\n' "$partition" >"$root/etc/fstab"
kernel=$(cd "$root/boot" && ls vmlinuz-* | tail -n 1)
cp "$root/boot/$kernel" ${KERNEL_FILE}
sed -e "s/@PARTITION@/$partition/" -e "s/@KERNEL@/$kernel/" grub.cfg >"$root/boot/grub/grub.cfg"
chmod 0600 "$root/boot/grub/grub.cfg"
/sbin/mke2fs -q -F -t ext4 -U "$filesystem" -L cloudimg-rootfs -d "$root" \\
  -E "offset=$offset,lazy_itable_init=1,lazy_journal_init=1" "$raw" "\${size_kib}k"
`;

// update-grub replaces this file when a kernel is installed.
const GRUB_CONFIG = `set timeout=0
linux /boot/@KERNEL@ root=PARTUUID=@PARTITION@ ${KERNEL_ARGUMENTS}
boot
`;

async function embedGrub(raw: string, request: DiskRequest): Promise<void> {
  const { bootSector } = request.layout;
  const folder = path.join(request.workFolder, 'rootfs', GRUB_FOLDER);
  const [boot, core] = await Promise.all(['boot.img', 'core.img'].map((name) => readFile(path.join(folder, name))));
  if (boot === undefined || core === undefined) throw new Error(`${folder} holds no images of GRUB`);
  const grub = locateGrub({ boot, core }, bootSector);
  const file = await open(raw, 'r+');
  await file.write(grub.boot, 0, grub.boot.length, 0);
  await file.write(grub.core, 0, grub.core.length, bootSector * 512);
  await file.close();
}
