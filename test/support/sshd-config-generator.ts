// Configurations of sshd in every spelling that it accepts: case, separators, quotes, comments, Match and Include.
import { type Arbitrary, array, boolean, constantFrom, nat, oneof, record, tuple } from 'fast-check';

interface Keyword {
  readonly name: string;
  readonly values: readonly string[];
  /** Whether sshd allows it in a Match block. */
  readonly inMatch: boolean;
}

const yesNo = ['yes', 'no'];
// Without AuthenticationMethods: sshd refuses every list that the other settings leave nobody to fulfil.
const KEYWORDS: readonly Keyword[] = [
  {
    name: 'PermitRootLogin',
    values: ['yes', 'no', 'prohibit-password', 'without-password', 'forced-commands-only'],
    inMatch: true,
  },
  { name: 'PasswordAuthentication', values: yesNo, inMatch: true },
  { name: 'KbdInteractiveAuthentication', values: yesNo, inMatch: true },
  { name: 'ChallengeResponseAuthentication', values: yesNo, inMatch: true },
  { name: 'PermitEmptyPasswords', values: yesNo, inMatch: true },
  { name: 'PubkeyAuthentication', values: yesNo, inMatch: true },
  { name: 'X11Forwarding', values: yesNo, inMatch: true },
  { name: 'AllowTcpForwarding', values: ['yes', 'no', 'local', 'remote'], inMatch: true },
  { name: 'AllowAgentForwarding', values: yesNo, inMatch: true },
  { name: 'HostbasedAuthentication', values: yesNo, inMatch: true },
  { name: 'MaxAuthTries', values: ['1', '3', '6'], inMatch: true },
  { name: 'MaxSessions', values: ['1', '10'], inMatch: true },
  { name: 'ClientAliveInterval', values: ['0', '30', '5m', '1h30m'], inMatch: true },
  { name: 'ClientAliveCountMax', values: ['0', '3'], inMatch: true },
  { name: 'LogLevel', values: ['INFO', 'verbose', 'ERROR'], inMatch: true },
  {
    name: 'AuthorizedKeysFile',
    values: ['none', '.ssh/authorized_keys', '.ssh/keys %h/more', '"/etc/ssh/keys/%u"'],
    inMatch: true,
  },
  { name: 'AllowUsers', values: ['alice', 'alice bob', 'root'], inMatch: true },
  { name: 'DenyUsers', values: ['mallory', 'eve trent'], inMatch: true },
  { name: 'AllowGroups', values: ['staff wheel', 'root'], inMatch: true },
  { name: 'StrictModes', values: yesNo, inMatch: false },
  { name: 'IgnoreRhosts', values: ['yes', 'no'], inMatch: false },
  { name: 'UseDNS', values: yesNo, inMatch: false },
  { name: 'UsePAM', values: yesNo, inMatch: false },
  { name: 'PermitUserEnvironment', values: yesNo, inMatch: false },
  { name: 'LoginGraceTime', values: ['30', '2m', '1m30s'], inMatch: false },
  { name: 'MaxStartups', values: ['10:30:60', '5:50:20'], inMatch: false },
  { name: 'Port', values: ['22', '2222'], inMatch: false },
];

/** Names as `sshd -T` prints them. */
export const comparedKeywords: readonly string[] = KEYWORDS.map((keyword) => keyword.name.toLowerCase()).filter(
  (name) => name !== 'challengeresponseauthentication',
);

const MATCHES = [
  'all',
  'User root',
  'User alice,bob',
  'User r*,!root',
  'User "root"',
  'Group root',
  'Group wheel,ro?t',
  'Host *.test',
  'User root Host client.*',
  'Address 192.0.2.7',
  'user doesnotexist',
  'User=root',
];

/** The text of a file; `@INCLUDE@` stands for the glob of the drop-ins. */
export function aConfigFile(): Arbitrary<string> {
  const globalPart = array(
    oneof(
      { weight: 6, arbitrary: aDirective(false) },
      { weight: 1, arbitrary: aRemark() },
      { weight: 1, arbitrary: anInclude() },
    ),
    { maxLength: 8 },
  );
  const matchPart = tuple(
    constantFrom(...MATCHES),
    array(oneof(aDirective(true), aRemark()), { minLength: 1, maxLength: 4 }),
  ).map(([criteria, lines]) => [`Match ${criteria}`, ...lines.map((line) => `  ${line}`)]);
  return tuple(globalPart, array(matchPart, { maxLength: 3 })).map(
    ([lines, matches]) => `${[...lines, ...matches.flat()].join('\n')}\n`,
  );
}

function aDirective(inMatch: boolean): Arbitrary<string> {
  return record({
    keyword: constantFrom(...KEYWORDS.filter((keyword) => keyword.inMatch || !inMatch)),
    pick: nat(),
    spell: constantFrom(...SPELLINGS),
    separator: constantFrom(' ', '=', ' = ', '\t', '  ', '= '),
    quoted: boolean(),
    tail: constantFrom('', '', ' # said somebody', '   ', '\t#x'),
  }).map(({ keyword, pick, spell, separator, quoted, tail }) => {
    const value = keyword.values[pick % keyword.values.length] ?? '';
    const written = quoted && !/[\s"]/.test(value) ? `"${value}"` : value;
    return `${spell(keyword.name)}${separator}${written}${tail}`;
  });
}

const SPELLINGS: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toLowerCase(),
  (name) => name.toUpperCase(),
];

function aRemark(): Arbitrary<string> {
  return constantFrom('', '   ', '# PasswordAuthentication no', '\t#PermitRootLogin no');
}

function anInclude(): Arbitrary<string> {
  return constantFrom('Include @INCLUDE@', 'include "@INCLUDE@"', 'Include /nowhere/*.conf');
}
