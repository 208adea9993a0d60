// Tokens that carry what they stand for, signed with the sandbox's key: nothing has to be kept, and they outlive the
// server. AWS's block tokens are good for seven days, its page tokens for an hour.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RequestContext } from '../world/services.js';
import { type InvalidReason, invalid } from './errors.js';

const BLOCK_TOKEN_LIFE_MS = 7 * 24 * 3600_000;
const PAGE_TOKEN_LIFE_MS = 3600_000;

export interface TokenIssue {
  readonly expiresAt: Date;
  /** A token for one block of a snapshot. */
  readonly blockToken: (snapshotId: string, index: number) => string;
}

/** Begins a list of blocks, whose tokens expire together. */
export function issueBlockTokens({ clock, credentials }: RequestContext): TokenIssue {
  const expiry = clock.now().getTime() + BLOCK_TOKEN_LIFE_MS;
  return {
    expiresAt: new Date(expiry),
    blockToken: (snapshotId, index) => writeToken(credentials.secretAccessKey, `block:${snapshotId}:${index}`, expiry),
  };
}

/** @throws AwsError ValidationException, INVALID_BLOCK_TOKEN */
export function assertBlockToken(
  context: RequestContext,
  token: string | undefined,
  { snapshotId, index }: { readonly snapshotId: string; readonly index: number },
): void {
  const subject = `block:${snapshotId}:${index}`;
  if (isToken(context, token, subject)) return;
  throw refuse('INVALID_BLOCK_TOKEN', 'block');
}

/** A token for the rest of a list that begins at a block; `list` tells lists apart. */
export function issuePageToken({ clock, credentials }: RequestContext, list: string, nextIndex: number): string {
  const expiry = clock.now().getTime() + PAGE_TOKEN_LIFE_MS;
  return `${nextIndex}.${writeToken(credentials.secretAccessKey, `page:${list}:${nextIndex}`, expiry)}`;
}

/**
 * The block at which the rest of a list begins.
 *
 * @throws AwsError ValidationException, INVALID_PAGE_TOKEN
 */
export function readPageToken(context: RequestContext, list: string, token: string): number {
  const [, index = '', rest] = /^(\d+)\.(.+)$/.exec(token) ?? [];
  if (isToken(context, rest, `page:${list}:${index}`)) return Number(index);
  throw refuse('INVALID_PAGE_TOKEN', 'page');
}

function writeToken(secret: string, subject: string, expiry: number): string {
  const signature = createHmac('sha256', secret).update(`ebs:${subject}:${expiry}`).digest('base64url');
  return Buffer.from(`${expiry}.${signature}`).toString('base64');
}

function isToken({ clock, credentials }: RequestContext, token: string | undefined, subject: string): boolean {
  const expiry = Number(
    Buffer.from(token ?? '', 'base64')
      .toString('utf8')
      .split('.')[0],
  );
  const expected = Buffer.from(writeToken(credentials.secretAccessKey, subject, expiry));
  const given = Buffer.from(token ?? '');
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
  return isOurs && expiry > clock.now().getTime();
}

function refuse(reason: InvalidReason, kind: string): Error {
  return invalid(reason, `The ${kind} token is not valid, or has expired.`);
}
