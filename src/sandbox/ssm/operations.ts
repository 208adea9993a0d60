import { tabulateOperations } from '../wire/operation.js';
import { commandOperations } from './command-operations.js';
import { describeParameterOperations } from './describe-parameters.js';
import { managedInstanceOperations } from './managed-instances.js';
import { parameterTagOperations } from './parameter-tags.js';
import { readParameterOperations } from './read-parameters.js';
import { writeParameterOperations } from './write-parameters.js';

/** Everything of Systems Manager that the sandbox speaks. */
export const ssmOperations = tabulateOperations(
  readParameterOperations,
  writeParameterOperations,
  describeParameterOperations,
  parameterTagOperations,
  managedInstanceOperations,
  commandOperations,
);
