import { createHash } from 'node:crypto';

export interface AuthorizedKey {
  readonly type: string;
  /** `SHA256:…` as ssh-keygen -l prints it. */
  readonly fingerprint: string;
  readonly comment: string;
  /** From 1. */
  readonly line: number;
}

/** Keys of an authorized_keys file, those behind options (`command="…"`) too. */
export function parseAuthorizedKeys(text: string): readonly AuthorizedKey[] {
  return text.split('\n').flatMap((raw, index) => {
    if (/^\s*(?:#|$)/.test(raw)) return [];
    const words = raw.trim().split(/\s+/);
    const at = words.findIndex((word, place) => KEY_TYPE.test(word) && KEY_CONTENT.test(words[place + 1] ?? ''));
    if (at === -1) return [];
    const [type = '', content = '', ...comment] = words.slice(at);
    const digest = createHash('sha256').update(Buffer.from(content, 'base64')).digest('base64');
    const fingerprint = `SHA256:${digest.replaceAll('=', '')}`;
    return [{ type, fingerprint, comment: comment.join(' '), line: index + 1 }];
  });
}

const KEY_TYPE = /^(?:ssh|ecdsa|sk)-[\w@.-]+$/;
const KEY_CONTENT = /^[A-Za-z0-9+/]{20,}={0,3}$/;
