import { execa } from 'execa';
import { createError } from '../../../errors.js';
import { NOTHING_FORWARDED } from '../../../lib/ssh-forwardings.js';
import type { FileTree, TreeGap } from '../file-tree.js';
import type { OpenTreeOptions } from '../tree-limits.js';
import { openTarTree } from './open-tar-tree.js';
import { parseSshAddress, type SshAddress } from './ssh-address.js';

export interface OpenSshTreeOptions extends OpenTreeOptions {
  /** Further options for ssh, each `Name=value`: `IdentityFile=/path`, `ProxyJump=bastion`. */
  readonly sshOptions?: readonly string[];
  /** Path of the ssh program. Default: `ssh`. */
  readonly sshProgram?: string;
}

// One program on the other side, and nothing written there. Capabilities are the only attribute that rules look at.
const TAR =
  'tar --one-file-system --numeric-owner --xattrs --xattrs-include=security.capability --sparse --warning=no-file-changed -cf - -C / .';
const REMOTE_COMMAND = `if [ "$(id -u)" = 0 ]; then LC_ALL=C exec ${TAR}; else LC_ALL=C exec sudo -n ${TAR}; fi`;

/**
 * Indexes a running machine through one `tar` over ssh (`ssh://user@host[:port]`). Never asks: a key or an agent has to
 * be there, and sudo must not want a password. ~/.ssh/config counts for the way there, and for nothing that leads back.
 * Errors: SCAN_SSH_ADDRESS, SCAN_SSH_FAILED.
 */
export async function openSshTree(target: string, options: OpenSshTreeOptions): Promise<FileTree> {
  const address = parseSshAddress(target);
  const { signal, sshProgram = 'ssh' } = options;
  const child = execa(sshProgram, [...sshArguments(target, address, options.sshOptions ?? []), REMOTE_COMMAND], {
    stdin: 'ignore',
    stdout: 'pipe',
    buffer: { stdout: false },
    maxBuffer: 1_000_000,
    reject: false,
    cancelSignal: signal,
    // A terminal of the other side must not be able to speak to ours.
    stripFinalNewline: true,
  });
  const ended = Promise.resolve(child);
  const opening = openTarTree({ target, stream: child.stdout }, options);
  try {
    const tree = await opening;
    const { exitCode, stderr } = await ended;
    return { ...tree, gaps: [...tree.gaps, ...gapsOf(stderr, exitCode)] };
  } catch (error) {
    child.kill();
    const { stderr, exitCode, code } = await ended;
    signal.throwIfAborted();
    const reason =
      code === 'ENOENT'
        ? `${sshProgram} is not installed`
        : lastLines(stderr) || `ssh ended with exit code ${exitCode}`;
    throw createError('SCAN_SSH_FAILED', [target, reason], { cause: error });
  }
}

function sshArguments(target: string, { user, host, port }: SshAddress, sshOptions: readonly string[]): string[] {
  const bad = sshOptions.find((option) => !/^[A-Za-z][A-Za-z0-9]*=[^\n\0]*$/.test(option));
  if (bad !== undefined) throw createError('SCAN_SSH_ADDRESS', [target, `the ssh option "${bad}" is not Name=value`]);
  // The first value wins in ssh, so the user's options go before ours, but can make it neither ask nor forward.
  const all = [
    'BatchMode=yes',
    ...NOTHING_FORWARDED,
    // A connection of the user's that is shared may be used, but ours does not become one that stays.
    'ControlMaster=no',
    ...sshOptions,
    'ConnectTimeout=15',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=4',
  ];
  return [
    '-T',
    ...all.flatMap((option) => ['-o', option]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    '--',
    host,
  ];
}

/** tar ends with it when files changed or went while it read them, which they do on a machine that runs. */
const FILES_CHANGED = 1;

/** What tar could not read, in its words; the kernel's own filesystems are no gap, nor is a file that went. */
function gapsOf(stderr: string, exitCode: number | undefined): TreeGap[] {
  const gaps: TreeGap[] = [];
  for (const line of stderr.split('\n')) {
    const [, path, reason] = /^tar: \.?(\/.*?)\/?: (.+)/.exec(line) ?? [];
    if (path === undefined || reason === undefined || KERNEL_FOLDERS.test(path) || IS_GONE.test(reason)) continue;
    gaps.push({ path, reason: reason.slice(0, 200) });
  }
  if (exitCode !== 0 && exitCode !== FILES_CHANGED && gaps.length === 0)
    gaps.push({ path: '/', reason: `tar ended with exit code ${exitCode}` });
  return gaps;
}

const IS_GONE = /^File removed before we read it/;
const KERNEL_FOLDERS = /^\/(proc|sys|dev|run)(\/|$)/;

function lastLines(stderr: string): string {
  return stderr.trim().split('\n').slice(-3).join('; ').slice(0, 500);
}
