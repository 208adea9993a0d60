import type { Authorization } from '../server/signature.js';
import type { RequestContext } from '../world/services.js';
import type { Address } from './address.js';
import type { ReceivedContent } from './receive-content.js';

/** One authenticated request to S3. */
export interface S3Call extends Address {
  readonly context: RequestContext;
  readonly authorization: Authorization;
  readonly method: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** Reads the body into a file of the store. */
  receiveContent(): Promise<ReceivedContent>;
  /** Reads a body of at most 2 MiB as text. */
  receiveText(): Promise<string>;
}

export interface S3Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** XML, or a part of a file: `end` is its last byte. */
  readonly body?: string | { readonly file: string; readonly start: number; readonly end: number };
  /** Announced instead of the body's length in the answer to HEAD. */
  readonly contentLength?: number;
}
