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
    const found = /((?:ssh|ecdsa|sk)-[\w@.-]+)\s+([A-Za-z0-9+/]{20,}={0,3})(?:\s+(.*))?$/.exec(raw);
    if (!found) return [];
    const digest = createHash('sha256')
      .update(Buffer.from(found[2] ?? '', 'base64'))
      .digest('base64');
    const fingerprint = `SHA256:${digest.replace(/=+$/, '')}`;
    return [{ type: found[1] ?? '', fingerprint, comment: (found[3] ?? '').trim(), line: index + 1 }];
  });
}
