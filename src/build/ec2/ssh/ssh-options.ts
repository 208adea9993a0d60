import { KEY_FILE } from './temporary-key.js';

export const KNOWN_HOSTS_FILE = 'known_hosts';
/** A socket's path has 108 bytes at most; relative to the folder that ssh runs in, no run's folder is too deep for it. */
const SOCKET = 'mux';

export interface SshAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Name by which known_hosts has the keys. */
  readonly instanceId: string;
}

/**
 * Everything but the command, for an ssh that runs in the run's folder of keys: nothing of the user's own configuration,
 * agent or known hosts, no question, no key but the run's, no host but the one whose keys are pinned.
 */
export function listSshArguments(
  { host, port, user, instanceId }: SshAddress,
  role: 'master' | 'session',
): readonly string[] {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `HostKeyAlias=${instanceId}`,
    `UserKnownHostsFile=${KNOWN_HOSTS_FILE}`,
    'GlobalKnownHostsFile=/dev/null',
    'UpdateHostKeys=no',
    'CheckHostIP=no',
    `IdentityFile=${KEY_FILE}`,
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'PreferredAuthentications=publickey',
    'ClearAllForwardings=yes',
    'ConnectTimeout=10',
    // A guest that is busy may not answer for a while; one that is gone is noticed after two minutes.
    'ServerAliveInterval=15',
    'ServerAliveCountMax=8',
    `ControlPath=${SOCKET}`,
    `ControlMaster=${role === 'master' ? 'yes' : 'no'}`,
    'ControlPersist=no',
    'LogLevel=ERROR',
  ];
  return [
    '-F',
    'none',
    '-T',
    ...options.flatMap((option) => ['-o', option]),
    '-l',
    user,
    '-p',
    String(port),
    '--',
    host,
  ];
}
