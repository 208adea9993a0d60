import type { PublishConfig } from '../../src/config/publish-config.js';

/** A publication that does nothing; `changes` say what a test is about. */
export function aPublishConfig(changes: Partial<PublishConfig> = {}): PublishConfig {
  return { regions: [], tags: {}, grantees: grantees(), sharesSnapshots: false, parameter: {}, ...changes };
}

/** Nobody but those that are named. */
export function grantees(changes: Partial<PublishConfig['grantees']> = {}): PublishConfig['grantees'] {
  return { accounts: [], organizations: [], organizationalUnits: [], isPublic: false, ...changes };
}
