import { createLineCounter } from '../../parse/lines.js';
import { maskSecret } from './mask.js';
import { isPlaceholder } from './placeholders.js';

export interface SecretHit {
  readonly check: string;
  readonly message: string;
  /** From 1. */
  readonly line: number;
}

interface TokenKind {
  readonly check: string;
  readonly what: string;
  /** Global; group 1 is the secret where not all of the match is. */
  readonly pattern: RegExp;
}

/** Tokens that say what they are by their first letters. AIDA… and AROA… are names of users and roles, no secrets. */
const TOKENS: readonly TokenKind[] = [
  { check: 'SEC-001', what: 'an AWS access key id', pattern: /\b((?:AKIA|ASIA)[A-Z2-7]{16})\b/g },
  {
    check: 'SEC-001',
    what: 'an AWS secret access key',
    pattern: /aws_?secret_?(?:access_?)?key["']?\s*[:=]\s*["']?([A-Za-z0-9/+=]{40})\b/gi,
  },
  {
    check: 'SEC-001',
    what: 'an AWS session token',
    pattern: /aws_?session_?token["']?\s*[:=]\s*["']?([A-Za-z0-9/+=]{100,})/gi,
  },
  {
    check: 'SEC-004',
    what: 'a GitHub token',
    pattern: /\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})\b/g,
  },
  { check: 'SEC-004', what: 'a GitLab token', pattern: /\b(gl(?:pat|dt|rt|ptt)-[A-Za-z0-9_-]{20,})/g },
  { check: 'SEC-004', what: 'a Slack token', pattern: /\b(xox[abeoprs]-[A-Za-z0-9-]{10,})/g },
  {
    check: 'SEC-004',
    what: 'a Slack webhook',
    pattern: /(https:\/\/hooks\.slack\.com\/services\/T\w{8,}\/B\w{8,}\/\w{20,})/g,
  },
  { check: 'SEC-004', what: 'an npm token', pattern: /\b(npm_[A-Za-z0-9]{36})\b/g },
  { check: 'SEC-004', what: 'a Stripe key', pattern: /\b([sr]k_live_[A-Za-z0-9]{16,})/g },
  { check: 'SEC-004', what: 'a Google API key', pattern: /\b(AIza[0-9A-Za-z_-]{35})/g },
  { check: 'SEC-004', what: 'a Vault token', pattern: /\b(hv[sb]\.[A-Za-z0-9_-]{24,})/g },
  { check: 'SEC-004', what: 'a PyPI token', pattern: /\b(pypi-AgE[A-Za-z0-9_-]{50,})/g },
  { check: 'SEC-004', what: 'a SendGrid key', pattern: /\b(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})\b/g },
  { check: 'SEC-004', what: 'a Docker Hub token', pattern: /\b(dckr_pat_[A-Za-z0-9_-]{20,})/g },
  { check: 'SEC-004', what: 'a DigitalOcean token', pattern: /\b(do[opr]_v1_[a-f0-9]{64})\b/g },
  {
    check: 'SEC-004',
    what: 'a JSON web token',
    pattern: /(?<![\w-])(eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})/g,
  },
];

/** One look over the text instead of sixteen: hardly any file has any of these. */
const ANY =
  /AKIA|ASIA|aws_?se|gh[pousr]_|github_pat_|gl(?:pat|dt|rt|ptt)-|xox[abeoprs]-|hooks\.slack|npm_|k_live_|AIza|hv[sb]\.|pypi-AgE|SG\.|dckr_pat_|do[opr]_v1_|eyJ/i;

/** At the borders of a key block, and of it a first line of base64: a text that only mentions keys has none. */
const PRIVATE_KEY =
  /-----BEGIN ((?:OPENSSH |RSA |DSA |EC |ENCRYPTED |SSH2 ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?)-----(?:\s|\\[nr]){1,80}(?:[\w-]{1,40}: [^\n]{0,200}\n\s{0,80}){0,8}[A-Za-z0-9+/=]{16,}|(PuTTY-User-Key-File-\d): \S+/g;

/** Tokens of known services in a text, masked. */
export function* findTokens(text: string): Iterable<SecretHit> {
  if (!ANY.test(text)) return;
  for (const { check, what, pattern } of TOKENS) {
    const lineAt = createLineCounter(text);
    for (const found of text.matchAll(pattern)) {
      const secret = found[1] ?? found[0];
      if (/EXAMPLE/.test(secret) || isPlaceholder(secret)) continue;
      yield { check, line: lineAt(found.index), message: `${what}, ${maskSecret(secret)}` };
    }
  }
}

export interface PrivateKeyHit {
  /** `RSA PRIVATE KEY`. */
  readonly kind: string;
  readonly isEncrypted: boolean;
  /** From 1. */
  readonly line: number;
}

/** Private keys in a text, by what they look like and not by the name of the file. */
export function* findPrivateKeys(text: string): Iterable<PrivateKeyHit> {
  if (!text.includes('PRIVATE KEY') && !text.includes('PuTTY-User-Key')) return;
  const lineAt = createLineCounter(text);
  for (const found of text.matchAll(PRIVATE_KEY)) {
    const block = text.slice(found.index, found.index + 400);
    const isEncrypted = /ENCRYPTED|Encryption: (?!none)/.test(block);
    yield { kind: found[1] ?? 'PuTTY private key', isEncrypted, line: lineAt(found.index) };
  }
}
