// What `npm run demo` and `npm test` need before they can start, on a machine that has nothing but Node and apt.
// Plain Node, no packages: this runs before `npm ci` has.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const MISSING = 3;
const OLDEST_NODE = [20, 17];

/** Command → Debian package that brings it. */
const SANDBOX_PARTS = {
  packer: 'packer',
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  mmdebstrap: 'mmdebstrap',
  fakeroot: 'fakeroot',
  fakechroot: 'fakechroot',
  sfdisk: 'fdisk',
  'mkfs.vfat': 'dosfstools',
  mcopy: 'mtools',
  mke2fs: 'e2fsprogs',
  ssh: 'openssh-client',
  openssl: 'openssl',
};

/** File that must exist → Debian package that brings it. */
const SANDBOX_FILES = {
  '/usr/lib/grub/x86_64-efi/moddep.lst': 'grub-efi-amd64-bin',
  '/usr/share/keyrings/debian-archive-keyring.gpg': 'debian-archive-keyring',
};

/** The linters of shell, and programs that tests hold our own results against. */
const TEST_PARTS = {
  shellcheck: 'shellcheck',
  shfmt: 'shfmt',
  curl: 'curl',
  'mkfs.xfs': 'xfsprogs',
  getfattr: 'attr',
  setcap: 'libcap2-bin',
  sshd: 'openssh-server',
  sudo: 'sudo',
  python3: 'python3',
  pip3: 'python3-pip',
  unshare: 'util-linux',
  'ssh-audit': 'ssh-audit',
  ip: 'iproute2',
  jq: 'jq',
  zip: 'zip',
  unzip: 'unzip',
  bzip2: 'bzip2',
  xz: 'xz-utils',
  // Debian's own `cargo` is of 2022 and too old for crates of today.
  cargo: 'cargo-web',
};

/** Installs what is missing, or stops with exit 3 and says what to install. `forTests` adds the linters of shell. */
export function prepare({ forTests }) {
  assertNode();
  installDebianPackages(listMissingPackages({ ...SANDBOX_PARTS, ...(forTests ? TEST_PARTS : {}) }));
  installNpmPackages();
  run('node', ['scripts/build.mjs'], 'building dist/');
}

/** Runs a command in the project's root with its output shown; ends this process with `1` when it fails. */
export function run(command, args, title, options = {}) {
  say(`${title}: ${[command, ...args].join(' ')}`);
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (status !== 0) stop(`${title} failed${error ? `: ${error.message}` : ''}`, 1);
}

export function say(text) {
  process.stderr.write(`[prepare] ${text}\n`);
}

function assertNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    stop(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}`, MISSING);
  }
}

function listMissingPackages(commands) {
  const missing = new Set();
  for (const [command, name] of Object.entries(commands)) if (!isOnPath(command)) missing.add(name);
  for (const [file, name] of Object.entries(SANDBOX_FILES)) if (!existsSync(file)) missing.add(name);
  return [...missing].sort();
}

function isOnPath(command) {
  // sfdisk, mke2fs and mkfs.vfat live in /usr/sbin, which a plain user's PATH may lack.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => isExecutable(join(folder, command)));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installDebianPackages(packages) {
  if (packages.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !isOnPath('apt-get')) {
    stop(`These Debian packages are missing: ${packages.join(', ')}\n  Install them as root:  ${command}`, MISSING);
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-q'], 'reading package lists', { env, stdio: ['ignore', 'ignore', 'inherit'] });
  run('apt-get', command.split(' ').slice(1), 'installing Debian packages', {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/**
 * Nothing, when node_modules was made from this very package-lock.json. `npm install` and not `npm ci`, which refuses a lock
 * file without the optional packages of other platforms, and a mirror of the registry need not have those.
 */
function installNpmPackages() {
  const digest = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const stamp = join(ROOT, 'node_modules', '.buildimg-lock-digest');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  run('npm', ['install', '--no-fund', '--no-audit'], 'installing npm packages', {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(stamp, digest);
}

function stop(text, code) {
  process.stderr.write(`[prepare] ${text}\n`);
  process.exit(code);
}
