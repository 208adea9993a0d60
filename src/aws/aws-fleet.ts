import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.js';
import { createCallLimiter } from './call-limiter.js';
import type { AwsAccessOptions } from './client-settings.js';
import { type AwsAccess, createAwsAccess } from './create-aws-access.js';
import type { AwsCaller } from './limit-client.js';
import { createLookupTurns } from './lookup-turns.js';
import { openRegionSession, type RegionSession, shareSession } from './region-session.js';

/** AWS for many builds of one process, with the same credentials. */
export interface AwsFleet {
  /** Access to a region for one build; closing it leaves the others theirs. */
  open(region: string, caller: AwsCaller): AwsAccess;
  /** Ends all lookups and closes idle connections, so that the process can end. */
  close(): void;
}

export interface FleetEffects {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/**
 * Opens AWS for many builds: one set of clients a region, one token bucket for each action of a region, and one Describe for
 * all that wait in a region. Makes no request.
 */
export function openAwsFleet(options: Omit<AwsAccessOptions, 'region'>, effects: FleetEffects): AwsFleet {
  const closing = new AbortController();
  // Lookups of every kind wait with it; node takes more than ten listeners for a leak.
  setMaxListeners(0, closing.signal);
  const limiter = createCallLimiter(effects);
  const createTurns = () => createLookupTurns({ ...effects, signal: closing.signal });
  const sessions = new Map<string, RegionSession>();
  function getSession(region: string): RegionSession {
    const session = sessions.get(region) ?? openRegionSession({ ...options, region }, { limiter, createTurns });
    sessions.set(region, session);
    return session;
  }

  return {
    open: (region, caller) =>
      createAwsAccess({ ...options, region }, shareSession(region, { limiter, caller, getSession })),
    close() {
      closing.abort();
      for (const session of sessions.values()) session.close();
    },
  };
}
