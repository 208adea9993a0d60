// The command line of sshd (sshd(8)): its options win over what its files say.
import type { CommandWord } from './command-words.js';
import { parseSshdDirective, type SshdDirective } from './sshd-config.js';

export interface SshdOptions {
  /** In the order of the command line; sshd takes them before its files. */
  readonly directives: readonly SshdDirective[];
  /** `-f`: the file that is read instead of /etc/ssh/sshd_config. */
  readonly configFile: string | undefined;
  /** Whether `-p` is given: then the ports of the files do not count. */
  readonly hasPort: boolean;
}

const WITH_VALUE = 'CEbcfghkopu';
const KEYWORDS: Readonly<Record<string, string>> = {
  c: 'hostcertificate',
  g: 'logingracetime',
  h: 'hostkey',
  p: 'port',
};

/** Options of the words after the program; as getopt(3), so `-De`, `-oName=value` and `-o Name=value`. */
export function parseSshdOptions(words: readonly CommandWord[]): SshdOptions {
  const directives: SshdDirective[] = [];
  let configFile: string | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (!word?.text.startsWith('-')) continue;
    const index = Array.from(word.text).findIndex((letter, place) => place > 0 && WITH_VALUE.includes(letter));
    if (index < 0) continue;
    const letter = word.text[index] ?? '';
    const attached = word.text.slice(index + 1);
    const { file, line, text: value } = attached === '' ? (words[(at += 1)] ?? word) : { ...word, text: attached };
    const keyword = KEYWORDS[letter];
    const parsed = letter === 'o' ? parseSshdDirective(value) : keyword && { keyword, values: [value] };
    if (letter === 'f') configFile = value;
    if (parsed) directives.push({ ...parsed, file, line, conditions: [] });
  }
  return { directives, configFile, hasPort: directives.some(({ keyword }) => keyword === 'port') };
}
