// A Debian 12 root folder, made once and kept in the cache, and throw-away copies of it to run provisioners in. Every
// command runs in its own mount and process namespace, so nothing stays mounted when a test run is killed.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { findProvisionersDir } from '../../../src/plugins/find-package-folder.js';
import { findCacheFolder } from '../../support/find-cache-folder.js';

/** Making the root folder downloads about 150 MB the first time. */
export const ROOTFS_TIMEOUT_MS = 15 * 60_000;
/** One apply takes seconds; a machine that runs other tests at the same time is slow. */
export const RUN_TIMEOUT_MS = 5 * 60_000;

const PACKAGES =
  'systemd,systemd-sysv,dbus,openssh-server,sudo,cloud-init,rsyslog,ssl-cert,iproute2,procps,auditd,chrony,python3-venv';
const MIRROR = 'http://deb.debian.org/debian';
/** The provisioners of this checkout. */
export const PROVISIONERS = join(process.cwd(), 'provisioners');

// Reads: R root folder (lower), W work folder of the copy, P provisioners, B bundles of them, C command. Overlay where the
// file system can, else a real copy. /run is new each time, as after a boot.
const RUN_SCRIPT = `
set -eu
mkdir -p "$W/upper" "$W/work" "$W/root"
if ! mount -t overlay overlay -o "lowerdir=$R,upperdir=$W/upper,workdir=$W/work" "$W/root" 2>/dev/null; then
  [ -e "$W/root/etc" ] || cp -a --reflink=auto "$R/." "$W/root/"
fi
mount -t tmpfs tmpfs "$W/root/run"
mount --rbind /dev "$W/root/dev"
mount -t proc proc "$W/root/proc"
mkdir -p "$W/root/tmp/buildimg-upload"
cp -R "$P" "$W/root/tmp/buildimg-upload/provisioners"
cp "$B"/*.sh "$W/root/tmp/buildimg-upload/provisioners/"
exec chroot "$W/root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -c "$C"
`;

// T: where to. A copy without overlay is already complete in "$W/root".
const EXPORT_SCRIPT = `
set -eu
mount -t overlay overlay -o "lowerdir=$R,upperdir=$W/upper,workdir=$W/work" "$W/root" 2>/dev/null || :
rm -rf "$W/root/tmp/buildimg-upload"
cp -a --one-file-system "$W/root" "$T"
`;

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TestMachine {
  /** Runs bash as root in the copy; the provisioners lie where a build uploads them, as bundles and as folders. */
  run(command: string): Promise<RunResult>;
  /** Runs a provisioner's script with options as a build passes them. */
  provision(script: string, options?: Readonly<Record<string, string>>): Promise<RunResult>;
  /** One line for everything that a provisioner could have changed: path, kind, mode, owner, link or content. */
  fingerprint(): Promise<readonly string[]>;
  /** Writes the copy, as it is now and without what is mounted in it, into a folder that does not exist yet. */
  exportTo(target: string): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Makes a fresh copy of a root folder, by default the stock Debian 12 of these tests. Needs root, or sudo that asks
 * nothing, for the namespaces.
 */
export async function createMachine(rootfs?: string): Promise<TestMachine> {
  const root = rootfs ?? (await ensureRootfs());
  const folder = await mkdtemp(join(tmpdir(), 'buildimg-provisioners-'));

  async function runApart(script: string, ...variables: readonly string[]): Promise<RunResult> {
    const unshare = ['unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script];
    const result = await asRoot(['env', `R=${root}`, `W=${folder}`, ...variables, ...unshare]);
    return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
  }

  function run(command: string): Promise<RunResult> {
    return runApart(RUN_SCRIPT, `P=${PROVISIONERS}`, `B=${findProvisionersDir()}`, `C=${command}`);
  }

  return {
    run,
    provision(script, options = {}) {
      const assignments = Object.entries(options).map(([name, value]) => `BUILDIMG_${name}=${quote(value)}`);
      return run(`${assignments.join(' ')} bash /tmp/buildimg-upload/provisioners/${script}`);
    },
    async fingerprint() {
      const { stdout } = await run(
        `cd /; rm -rf /tmp/buildimg-upload
         find etc var root home srv opt boot tmp usr/local -xdev -printf '%p %y %m %u:%g %l\\n'
         find etc var root home srv opt boot tmp usr/local -xdev -type f -exec sha256sum {} +`,
      );
      return stdout.split('\n').sort();
    },
    async exportTo(target) {
      const { exitCode, stderr } = await runApart(EXPORT_SCRIPT, `T=${target}`);
      if (exitCode !== 0) throw new Error(`the root folder could not be copied: ${stderr}`);
    },
    async remove() {
      await asRoot(['rm', '-rf', '--one-file-system', folder]);
    },
  };
}

/** Single quotes for a POSIX shell. */
export function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** A small Debian testing, kept in the cache as well: OpenSSH 10.6 or newer, without its client, and dropbear in the initrd. */
export async function ensureTestingRootfs(): Promise<string> {
  return ensureRootfs('testing', 'systemd,systemd-sysv,openssh-server,sudo,procps,initramfs-tools,dropbear-initramfs');
}

async function ensureRootfs(suite = 'bookworm', packages = PACKAGES): Promise<string> {
  const cache = rootfsCache();
  const inputs = JSON.stringify([suite, packages, MIRROR]);
  const target = join(cache, createHash('sha256').update(inputs).digest('hex').slice(0, 16));
  await mkdir(cache, { recursive: true });
  // Test files run side by side: the first one makes the folder, the others wait for it.
  const script = `[ -d "$T" ] || { rm -rf "$T.new" && mmdebstrap --aptopt='Acquire::Check-Valid-Until "false"' --variant=minbase --include=${packages} ${suite} "$T.new" ${MIRROR} && mv "$T.new" "$T"; }`;
  const made = await asRoot(['env', `T=${target}`, 'flock', `${target}.lock`, 'sh', '-c', script]);
  if (made.exitCode !== 0) throw new Error(`the Debian root folder could not be made: ${made.stderr}`);
  return target;
}

/** Where root folders are kept between runs, for all tests of this user. */
export function rootfsCache(): string {
  return findCacheFolder('test-rootfs');
}

function asRoot(command: readonly string[]) {
  const [file, ...args] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command];
  return execa(file ?? 'env', args, { reject: false, timeout: ROOTFS_TIMEOUT_MS, stdin: 'ignore' });
}
