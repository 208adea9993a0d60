import { AwsError } from '../wire/aws-error.js';

interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface Page<R> {
  readonly items: readonly R[];
  readonly NextToken: string | undefined;
}

/**
 * Cuts one page out of a list.
 *
 * @throws AwsError InvalidParameterValue for a size out of range or a token that is not ours
 */
export function cutPage<R>(items: readonly R[], { MaxResults: size, NextToken: token }: PageRequest): Page<R> {
  if (size !== undefined && (size < 1 || !Number.isInteger(size))) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value greater than 0.`,
    );
  }
  const start = token === undefined ? 0 : readToken(token);
  const end = size === undefined ? items.length : start + size;
  return { items: items.slice(start, end), NextToken: end < items.length ? writeToken(end) : undefined };
}

/** Ids and a page size exclude each other in most Describe calls. */
export function assertNotBothIdsAndPageSize(ids: readonly string[] | undefined, request: PageRequest): void {
  if (ids === undefined || ids.length === 0 || request.MaxResults === undefined) return;
  throw new AwsError('InvalidParameterCombination', 'The parameter MaxResults cannot be used with a list of ids');
}

function writeToken(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString('base64url');
}

function readToken(token: string): number {
  const match = /^offset:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString());
  if (match?.[1] === undefined) throw new AwsError('InvalidParameterValue', 'Unable to parse pagination token');
  return Number(match[1]);
}
