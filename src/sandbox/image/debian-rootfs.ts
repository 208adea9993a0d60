// Makes a Debian root file system as a tar file with mmdebstrap, as root or as nobody in particular.

import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runTool } from '../machine/run-tool.js';
import type { DebianRecipe } from './debian-recipe.js';
import { GRUB_SCRIPT } from './grub-files.js';

export interface RootfsRequest {
  readonly recipe: DebianRecipe;
  /** Empty folder for scratch files; the tar is written into it. */
  readonly workFolder: string;
  /** One-line apt sources of the mirrors to fetch from. */
  readonly sources: readonly string[];
  readonly isRoot: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
}

const TIMEOUT_MS = 20 * 60_000;

/** Returns the path of the tar file. Errors: SANDBOX_TOOL_MISSING, SANDBOX_TOOL_FAILED. */
export async function makeDebianRootfs(request: RootfsRequest): Promise<string> {
  const overlay = path.join(request.workFolder, 'overlay');
  await writeOverlay(overlay, request.recipe.files);
  const hook = path.join(request.workFolder, 'customize.sh');
  await writeFile(hook, renderCustomizeScript(request.recipe));
  await chmod(hook, 0o755);
  const tar = path.join(request.workFolder, 'rootfs.tar');
  await runTool({
    program: 'mmdebstrap',
    // The kernel's postinst would make an initrd that the image does not use; its hook heeds this.
    environment: { INITRD: 'No' },
    arguments: [
      `--mode=${request.isRoot ? 'root' : 'fakechroot'}`,
      '--variant=minbase',
      '--format=tar',
      '--architectures=amd64',
      '--aptopt=Apt::Install-Recommends "false"',
      '--dpkgopt=force-unsafe-io',
      `--include=${request.recipe.packages.join(',')}`,
      `--customize-hook='${hook.replaceAll("'", "'\\''")}' "$1" '${overlay.replaceAll("'", "'\\''")}'`,
      request.recipe.suite,
      tar,
      ...request.sources,
    ],
    timeoutMs: TIMEOUT_MS,
    signal: request.signal,
    onLine: request.onLine,
  });
  return tar;
}

async function writeOverlay(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** The script that mmdebstrap runs at the end with the root folder and the overlay folder as arguments. */
export function renderCustomizeScript(recipe: DebianRecipe): string {
  const masks = [
    ...recipe.maskedUnits.map((unit) => `/etc/systemd/system/${unit}`),
    ...recipe.maskedGenerators.map((generator) => `/etc/systemd/system-generators/${generator}`),
  ];
  return `#!/bin/sh
set -eu
root=$1
overlay=$2
rm -f "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/* "$root/etc/apt/apt.conf.d/99mmdebstrap"
rm -f "$root/etc/resolv.conf" "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap"
cp -R --no-preserve=all --remove-destination "$overlay/." "$root/"
mkdir -p "$root/etc/systemd/system-generators"
${masks.map((file) => `ln -sf /dev/null "$root${file}"`).join('\n')}
wanted=$root/etc/systemd/system/multi-user.target.wants
mkdir -p "$wanted"
target=$(cd "$root" && ls usr/lib/systemd/system/cloud-init.target lib/systemd/system/cloud-init.target 2>/dev/null | head -n 1)
ln -sf "/$target" "$wanted/cloud-init.target"
ln -sf /lib/systemd/system/systemd-networkd.service "$wanted/systemd-networkd.service"
# run-parts skips a hook that is not executable, and dpkg keeps the mode of a configuration file.
chmod -x "$root/etc/kernel/postinst.d/initramfs-tools"
${GRUB_SCRIPT}rm -f "$root"/boot/initrd.img-* "$root"/initrd.img* "$root"/etc/ssh/ssh_host_*
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/debconf/*-old "$root"/var/log/*.log
chroot "$root" usermod -p '!*' root
`;
}
