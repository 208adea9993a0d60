// The scan's rules over text of any other kind: values of a config, steps of a template. Pure.
import { maskSecret } from './mask.js';
import { findSecretSettings, findUrlCredentials, isSecretKey, isSecretValue } from './settings.js';
import { findPrivateKeys, findTokens } from './tokens.js';

export interface SecretInText {
  /** Id of the scan's check: `SEC-001`. */
  readonly check: string;
  /** What it is, masked: `a GitHub token, ghp_… (40 characters)`. */
  readonly what: string;
  /** In the text, from 1. */
  readonly line: number;
}

/** Everything in `text` that the scan would call a secret: tokens, private keys, URLs with passwords, settings. */
export function findSecrets(text: string): readonly SecretInText[] {
  return [
    ...[...findTokens(text)].map(({ check, message, line }) => ({ check, what: message, line })),
    ...[...findPrivateKeys(text)].map(({ kind, line }) => ({
      check: 'SEC-003',
      what: `a private key (${kind})`,
      line,
    })),
    ...[...findUrlCredentials(text)].map(({ scheme, host, line }) => ({
      check: 'SEC-005',
      what: `a ${scheme} URL for ${host} with a password`,
      line,
    })),
    ...[...findSecretSettings(text)].map(({ key, shown, line }) => ({
      check: 'SEC-006',
      what: `a value for ${key}, ${shown}`,
      line,
    })),
  ];
}

/** The same for a value that stands alone, with its name beside it: an environment variable, an option. */
export function findSecretsInSetting(name: string, value: string): readonly SecretInText[] {
  const inValue = findSecrets(value);
  // DB_PASSWORD_2 is one as DB_PASSWORD is.
  if (inValue.length > 0 || !isSecretKey(withoutNumber(name)) || !isSecretValue(name, value)) return inValue;
  return [{ check: 'SEC-009', what: `a value for ${name}, ${maskSecret(value)}`, line: 1 }];
}

/** Whether the name of a variable says that its value is secret, whatever the value looks like. */
export function isSecretName(name: string): boolean {
  return isSecretKey(name) || /pass(?:w|phrase|$|_)|pwd|secret|token(?:$|_)|credential/i.test(name);
}

/** `TOKEN_2` is a TOKEN. From the end, because a pattern for it would begin at every digit. */
function withoutNumber(name: string): string {
  let end = name.length;
  while (end > 0 && '0123456789'.includes(name.charAt(end - 1))) end -= 1;
  if (end === name.length) return name;
  return name.slice(0, name.charAt(end - 1) === '_' ? end - 1 : end);
}
