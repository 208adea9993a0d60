import { accountFaults } from './accounts.js';
import { cloudFaults } from './cloud.js';
import type { PlantedFault } from './fault.js';
import { keyFaults } from './keys.js';
import { residueFaults } from './residue.js';
import { secretFaults } from './secrets.js';
import { sshdFaults } from './sshd.js';
import { systemFaults } from './system.js';

/** The whole table of faults, in the order of the catalogue. */
export const allFaults: readonly PlantedFault[] = [
  ...accountFaults,
  ...sshdFaults,
  ...keyFaults,
  ...residueFaults,
  ...secretFaults,
  ...systemFaults,
  ...cloudFaults,
];
