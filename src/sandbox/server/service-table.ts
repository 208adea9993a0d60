import { ebsOperations } from '../ebs/operations.js';
import { ec2Operations } from '../ec2/operations.js';
import { elasticBeanstalkOperations } from '../elastic-beanstalk/operations.js';
import { iamOperations } from '../iam/operations.js';
import { kmsOperations } from '../kms/operations.js';
import { logsOperations } from '../logs/operations.js';
import type { RefusalCodes } from '../members/assert-members.js';
import { ssmOperations } from '../ssm/operations.js';
import { stsOperations } from '../sts/operations.js';
import type { OperationTable } from '../wire/operation.js';
import { createEc2Protocol, createJsonProtocol, createQueryProtocol, type Protocol } from '../wire/protocol.js';
import { createRestJsonProtocol } from '../wire/rest-json.js';
import type { RequestContext } from '../world/services.js';

export interface Service {
  readonly protocol: Protocol;
  readonly operations: OperationTable<RequestContext>;
  /** How it says that the sandbox lacks a parameter or a value. */
  readonly refusals: RefusalCodes;
  /** Whether clients may leave the body out of the signature: where every block has a checksum of its own. */
  readonly hasUnsignedBodies?: boolean;
  /** Whether its jobs and files know the sandbox's own account alone. */
  readonly isForOwnAccount?: boolean;
}

const VALIDATION: RefusalCodes = { parameter: 'ValidationException', value: 'ValidationException' };

// Keys are the services' names in a credential scope.
export const SERVICES: ReadonlyMap<string, Service> = new Map<string, Service>([
  [
    'ec2',
    {
      protocol: createEc2Protocol('http://ec2.amazonaws.com/doc/2016-11-15/'),
      operations: ec2Operations,
      refusals: { parameter: 'UnsupportedOperation', value: 'InvalidParameterValue' },
    },
  ],
  [
    'elasticbeanstalk',
    {
      protocol: createQueryProtocol('http://elasticbeanstalk.amazonaws.com/docs/2010-12-01/'),
      operations: elasticBeanstalkOperations,
      refusals: { parameter: 'InvalidParameterValue', value: 'InvalidParameterValue' },
      isForOwnAccount: true,
    },
  ],
  [
    'iam',
    {
      protocol: createQueryProtocol('https://iam.amazonaws.com/doc/2010-05-08/'),
      operations: iamOperations,
      refusals: { parameter: 'ValidationError', value: 'ValidationError' },
    },
  ],
  ['kms', { protocol: createJsonProtocol('TrentService'), operations: kmsOperations, refusals: VALIDATION }],
  [
    'logs',
    {
      protocol: createJsonProtocol('Logs_20140328'),
      operations: logsOperations,
      refusals: { parameter: 'InvalidParameterException', value: 'InvalidParameterException' },
      isForOwnAccount: true,
    },
  ],
  ['ssm', { protocol: createJsonProtocol('AmazonSSM'), operations: ssmOperations, refusals: VALIDATION }],
  [
    'sts',
    {
      protocol: createQueryProtocol('https://sts.amazonaws.com/doc/2011-06-15/'),
      operations: stsOperations,
      refusals: { parameter: 'ValidationError', value: 'ValidationError' },
    },
  ],
  [
    'ebs',
    {
      protocol: createRestJsonProtocol(ebsOperations.values()),
      operations: ebsOperations,
      refusals: VALIDATION,
      hasUnsignedBodies: true,
    },
  ],
]);
