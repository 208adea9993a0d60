// Texts that cost time where a reader looks at the same characters again and again: large and repetitive, and otherwise
// harmless.

export interface HostileText {
  readonly kind: string;
  readonly text: string;
}

/** What is repeated, by kind. */
const UNITS: Readonly<Record<string, string>> = {
  newlines: '\n',
  'carriage returns': '\r',
  'lines of blanks': ' \t\n',
  spaces: ' ',
  tabs: '\t',
  'one letter': 'a',
  words: 'password ',
  'words in one': 'token',
  'names with a border': '-eyJ',
  colons: ':',
  'borders of URLs': '://',
  'URLs without an end': 'https://a:',
  'equals signs': '=',
  assignments: 'password=\n',
  'double quotes': '"',
  'single quotes': "'",
  backslashes: '\\',
  'round brackets': '(',
  'square brackets': '[',
  'curly brackets': '{"a":',
  'angle brackets': '<a>',
  digits: '1',
  fields: '1 ',
  'at signs': '@',
  commas: 'a,',
  comments: '# ',
  'borders of keys': '-----BEGIN RSA PRIVATE KEY-----\n',
  'borders of keys with headers': '-----BEGIN RSA PRIVATE KEY-----\nA: -----BEGIN PRIVATE KEY-----\n',
  'headers of a key': 'Proc-Type: 4\n',
  'accounts without an end': 'a:x:0:',
  accounts: 'a:x:1000:1000::/home/a:/bin/sh\n',
  sections: '[a]\n',
  folders: '/gems/',
};

/** One text of every kind, of this many characters. The mixed one is the same each time. */
export function listHostileTexts(length: number): readonly HostileText[] {
  const repeated = Object.entries(UNITS).map(([kind, unit]) => ({ kind, text: repeatTo(unit, length) }));
  return [...repeated, { kind: 'mixed', text: mix(length) }];
}

/** The text of an ordinary configuration file, as long: what reading costs anyway. */
export function aPlainText(length: number): string {
  return repeatTo('setting-of-a-program = a value of it\n# and what it means to those who change it\n', length);
}

function repeatTo(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}

function mix(length: number): string {
  const units = Object.values(UNITS);
  let seed = 12_345;
  let text = '';
  while (text.length < length) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += units[seed % units.length];
  }
  return text.slice(0, length);
}
