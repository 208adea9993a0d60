import { setMaxListeners } from 'node:events';
import type { CallLimiter } from './call-limiter.js';

/** Who makes calls, as far as the limiter is concerned. */
export interface AwsCaller {
  /** Name of the build; builds take turns. */
  readonly name: string;
  /** Aborted: calls that would make something are not sent any more. Lookups and removals are: cleaning up needs them. */
  readonly signal: AbortSignal;
}

/** The part of an SDK client that sends. */
interface Sender {
  readonly config: { readonly serviceId: string };
  send(command: never, ...rest: never[]): Promise<unknown>;
}

interface CommandLike {
  readonly middlewareStack: {
    addRelativeTo(
      middleware: (next: (args: never) => Promise<never>) => (args: never) => Promise<never>,
      options: { readonly relation: 'after'; readonly toMiddleware: string; readonly name: string },
    ): void;
  };
}

const MAKING = /^(?:Run|Create|Copy|Register|Import|Start|Send)/;
const READING = /^(?:Describe|Get|List)/;
/** A single build has four calls of a kind on their way at most, and reads eight blocks of a snapshot. */
const PARALLEL_CHANGES = 8;
const PARALLEL_LOOKUPS = 50;

/**
 * A view of an SDK client whose calls go through the limiter in the name of `caller`. Within the SDK's own retries, before
 * the signature: each attempt takes a turn of its own, is signed when it is sent, and keeps its client token.
 */
export function limitClient<C extends Sender>(
  client: C,
  { limiter, region, caller }: { readonly limiter: CallLimiter; readonly region: string; readonly caller: AwsCaller },
): C {
  const limited = Object.create(client) as C;
  const neverAborted = new AbortController().signal;
  setMaxListeners(0, neverAborted);
  const send = (command: CommandLike, ...rest: never[]): Promise<unknown> => {
    const action = command.constructor.name.replace(/Command$/, '');
    const call = {
      bucket: `${region} ${client.config.serviceId.toLowerCase()}:${action}`,
      caller: caller.name,
      signal: MAKING.test(action) ? caller.signal : neverAborted,
      parallel: READING.test(action) ? PARALLEL_LOOKUPS : PARALLEL_CHANGES,
    };
    command.middlewareStack.addRelativeTo((next) => (args) => limiter.run(call, () => next(args)), {
      relation: 'after',
      toMiddleware: 'retryMiddleware',
      name: 'callLimiter',
    });
    return client.send(command as never, ...rest);
  };
  return Object.assign(limited, { send });
}
