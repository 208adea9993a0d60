import { createLineCounter } from '../../parse/lines.js';
import { maskSecret } from './mask.js';
import { isKnownDefault, isPlaceholder } from './placeholders.js';

export interface SettingHit {
  readonly key: string;
  /** Masked. */
  readonly shown: string;
  /** From 1. */
  readonly line: number;
}

/** `key = value`, `key: value`, `"key": "value"`, `Environment=KEY=value`, `<key>value</key>`. */
const ASSIGNMENT =
  /(?:^|[\s"'{,;(])(?:Environment=["']?)?([A-Za-z][\w.-]{1,60})["']?[ \t]*(?::=|[:=])[ \t]*(?:"([^"\n]{1,200})"|'([^'\n]{1,200})'|([^\s"',;{}#]{1,200}))|<([A-Za-z][\w.-]{1,60})>([^<>\s]{1,200})<\//gm;
const SECRET_WORDS =
  /(?:^|_)(?:pass|passwd|password|passphrase|pwd|secret|token|api_?key|secret_?key|access_?key|private_?key|encryption_?key|credentials?)$/;
const ANY = /pass|pwd|secret|token|key|credential/i;

/** Settings whose name ends like a secret and whose value is one. */
export function* findSecretSettings(text: string): Iterable<SettingHit> {
  if (!ANY.test(text)) return;
  const lineAt = createLineCounter(text);
  for (const found of text.matchAll(ASSIGNMENT)) {
    const key = found[1] ?? found[5] ?? '';
    const value = found[2] ?? found[3] ?? found[4] ?? found[6] ?? '';
    if (!isSecretKey(key) || !isSecretValue(key, value)) continue;
    yield { key, shown: maskSecret(value), line: lineAt(found.index + (found[0].startsWith('\n') ? 1 : 0)) };
  }
}

/** Whether the name of a setting says that its value is secret: `DB_PASSWORD`, `clientSecret`, not `password_file`. */
export function isSecretKey(key: string): boolean {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[.-]/g, '_')
    .toLowerCase();
  return SECRET_WORDS.test(words) && !/(?:^|_)(?:public|no|min|max|use|has|is|require|allow|permit)_/.test(words);
}

/** Whether the value of such a setting is a secret, and no placeholder, path or small number. */
export function isSecretValue(key: string, value: string): boolean {
  if (isKnownDefault(value)) return true;
  if (isPlaceholder(value) || value.length < 4) return false;
  // Tokens and keys are long and mixed; a password may be any word.
  const isPassword = /pass|pwd/i.test(key);
  if (isPassword) return !/^\d{1,4}$/.test(value);
  return value.length >= 12 && /\d/.test(value) && /[A-Za-z]/.test(value) && !/^https?:/.test(value);
}

const URL_CREDENTIALS =
  /\b([a-z][a-z0-9+.-]{1,20}):\/\/([^/\s:@"'<>$\\{}()]{1,64}):([^/\s:@"'<>\\{}()]{1,128})@([\w.-]+)/gi;

export interface UrlHit {
  readonly scheme: string;
  readonly user: string;
  readonly host: string;
  /** From 1. */
  readonly line: number;
}

/** URLs that carry a password. */
export function* findUrlCredentials(text: string): Iterable<UrlHit> {
  if (!text.includes('://')) return;
  const lineAt = createLineCounter(text);
  for (const found of text.matchAll(URL_CREDENTIALS)) {
    const [, scheme = '', user = '', password = '', host = ''] = found;
    if (
      isPlaceholder(password) ||
      /^(?:host|hostname|server|example|localhost\.example)$|(?:^|\.)example\./i.test(host)
    )
      continue;
    yield { scheme, user, host, line: lineAt(found.index) };
  }
}
