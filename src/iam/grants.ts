import { buildGrants } from './build-grants.js';
import { communicatorGrants } from './communicator-grants.js';
import type { Grant } from './grant.js';
import { platformGrants } from './platform-grants.js';
import { publishGrants } from './publish-grants.js';

/** Every permission that a config can need, in the order in which they stand in a policy. */
export const grants: readonly Grant[] = [...buildGrants, ...communicatorGrants, ...publishGrants, ...platformGrants];
