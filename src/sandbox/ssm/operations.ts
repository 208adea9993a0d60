import { tabulateOperations } from '../wire/operation.js';
import { commandOperations } from './command-operations.js';
import { managedInstanceOperations } from './managed-instances.js';
import { parameterOperations } from './parameter-operations.js';

/** Everything of Systems Manager that the sandbox speaks. */
export const ssmOperations = tabulateOperations(parameterOperations, managedInstanceOperations, commandOperations);
