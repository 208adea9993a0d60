import { tabulateOperations } from '../wire/operation.js';
import { applicationOperations } from './application-operations.js';
import { configurationOperations } from './configuration-operations.js';
import { environmentOperations } from './environment-operations.js';
import { eventOperations } from './events.js';
import { platformVersionOperations } from './platform-version-operations.js';

/** Everything of Elastic Beanstalk that the sandbox speaks. */
export const elasticBeanstalkOperations = tabulateOperations(
  platformVersionOperations,
  eventOperations,
  applicationOperations,
  environmentOperations,
  configurationOperations,
);
