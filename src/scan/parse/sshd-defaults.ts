// Compiled-in values, from servconf.c and sshd_config(5) of the releases that images still carry.

const DEFAULTS: Readonly<Record<string, string>> = {
  allowagentforwarding: 'yes',
  allowtcpforwarding: 'yes',
  authenticationmethods: 'any',
  authorizedkeyscommand: 'none',
  authorizedkeysfile: '.ssh/authorized_keys .ssh/authorized_keys2',
  authorizedprincipalsfile: 'none',
  clientalivecountmax: '3',
  clientaliveinterval: '0',
  hostbasedauthentication: 'no',
  ignorerhosts: 'yes',
  kbdinteractiveauthentication: 'yes',
  logingracetime: '120',
  loglevel: 'INFO',
  maxauthtries: '6',
  maxsessions: '10',
  maxstartups: '10:30:100',
  passwordauthentication: 'yes',
  permitemptypasswords: 'no',
  permitrootlogin: 'prohibit-password',
  permituserenvironment: 'no',
  port: '22',
  pubkeyauthentication: 'yes',
  strictmodes: 'yes',
  trustedusercakeys: 'none',
  usedns: 'no',
  usepam: 'no',
  x11forwarding: 'no',
};

/** Defaults that changed: the value that held before a release. */
const BEFORE: readonly (readonly [keyword: string, release: string, value: string])[] = [
  ['permitrootlogin', '7.0', 'yes'],
  ['usedns', '6.8', 'yes'],
];

/** The value that sshd takes where nothing is configured; undefined for keywords that we do not know. */
export function findSshdDefault(keyword: string, version: string | undefined): string | undefined {
  const older = BEFORE.find(
    ([name, release]) => name === keyword && version !== undefined && isOlder(version, release),
  );
  return older?.[2] ?? DEFAULTS[keyword];
}

/** Include came with 8.2: before that a drop-in folder is dead. */
export function supportsInclude(version: string | undefined): boolean {
  return version === undefined || !isOlder(version, '8.2');
}

/** Whether a release such as `9.2` came before another. */
export function isOlder(version: string, release: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [releaseMajor = 0, releaseMinor = 0] = release.split('.').map(Number);
  return major < releaseMajor || (major === releaseMajor && minor < releaseMinor);
}
