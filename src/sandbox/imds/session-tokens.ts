// IMDSv2 session tokens: unguessable, and valid for the seconds that were asked for.

import { randomBytes } from 'node:crypto';

export interface SessionTokens {
  create(ttlSeconds: number): string;
  /** Seconds left, rounded up; undefined for a token that was never given out or has expired. */
  findRemainingSeconds(token: string): number | undefined;
}

/** Keeps tokens in memory: after a restart of the service clients ask for a new one, as they must after 6 hours anyway. */
export function createSessionTokens(now: () => number): SessionTokens {
  const expiryByToken = new Map<string, number>();
  return {
    create(ttlSeconds) {
      for (const [token, expiry] of expiryByToken) if (expiry <= now()) expiryByToken.delete(token);
      const token = randomBytes(42).toString('base64');
      expiryByToken.set(token, now() + ttlSeconds * 1_000);
      return token;
    },
    findRemainingSeconds(token) {
      const leftMs = (expiryByToken.get(token) ?? 0) - now();
      return leftMs > 0 ? Math.ceil(leftMs / 1_000) : undefined;
    },
  };
}
