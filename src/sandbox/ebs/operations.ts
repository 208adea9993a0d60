import { tabulateOperations } from '../wire/operation.js';
import { readOperations } from './read-operations.js';
import { writeOperations } from './write-operations.js';

/** The EBS direct APIs, all six actions. */
export const ebsOperations = tabulateOperations(readOperations, writeOperations);
