// One request from its bytes to its reply: who asks, which service and region (both are in the signature), which
// operation; then the handler, then the write to disk, then the answer.

import { randomUUID } from 'node:crypto';
import { ec2Operations } from '../ec2/operations.js';
import { elasticBeanstalkOperations } from '../elastic-beanstalk/operations.js';
import { iamOperations } from '../iam/operations.js';
import { logsOperations } from '../logs/operations.js';
import { ssmOperations } from '../ssm/operations.js';
import { stsOperations } from '../sts/operations.js';
import { AwsError } from '../wire/aws-error.js';
import type { Operation, OperationTable } from '../wire/operation.js';
import {
  createEc2Protocol,
  createJsonProtocol,
  createQueryProtocol,
  type Protocol,
  type WireReply,
  type WireRequest,
} from '../wire/protocol.js';
import { ensureRegionBaseImages } from '../world/base-images.js';
import { REGIONS } from '../world/regions.js';
import type { RequestContext, SandboxServices } from '../world/services.js';
import { type Authorization, assertSignature, parseAuthorization, type SignedRequest } from './signature.js';

export interface ApiReply extends WireReply {
  readonly requestId: string;
}

interface Service {
  readonly protocol: Protocol;
  readonly operations: OperationTable<RequestContext>;
}

// Keys are the services' names in a credential scope.
const SERVICES: ReadonlyMap<string, Service> = new Map([
  ['ec2', { protocol: createEc2Protocol('http://ec2.amazonaws.com/doc/2016-11-15/'), operations: ec2Operations }],
  [
    'elasticbeanstalk',
    {
      protocol: createQueryProtocol('http://elasticbeanstalk.amazonaws.com/docs/2010-12-01/'),
      operations: elasticBeanstalkOperations,
    },
  ],
  ['iam', { protocol: createQueryProtocol('https://iam.amazonaws.com/doc/2010-05-08/'), operations: iamOperations }],
  ['logs', { protocol: createJsonProtocol('Logs_20140328'), operations: logsOperations }],
  ['ssm', { protocol: createJsonProtocol('AmazonSSM'), operations: ssmOperations }],
  ['sts', { protocol: createQueryProtocol('https://sts.amazonaws.com/doc/2011-06-15/'), operations: stsOperations }],
]);
const FALLBACK_PROTOCOL = createQueryProtocol('https://sandbox.invalid/');

/** Answers one signed API request. Never throws: what goes wrong becomes an error reply in the service's own form. */
export async function answerApiRequest(
  services: SandboxServices,
  request: SignedRequest,
  signal: AbortSignal,
): Promise<ApiReply> {
  const requestId = randomUUID();
  const startedAt = services.clock.now().getTime();
  const wire: WireRequest = { headers: request.headers, body: request.body.toString('utf8') };
  let protocol = FALLBACK_PROTOCOL;
  let label = '-';
  let reply: WireReply;
  try {
    const authorization = parseAuthorization(readHeader(request, 'authorization'));
    const service = SERVICES.get(authorization.service);
    protocol = service?.protocol ?? FALLBACK_PROTOCOL;
    label = `${authorization.region} ${authorization.service}`;
    const operation = getOperation(service, authorization, wire);
    label += `:${operation.name}`;
    assertSignature(request, authorization, { credentials: services.credentials, now: services.clock.now() });
    const context = await createContext(services, authorization, { request, signal, requestId });
    const output = await operation.handle(protocol.readInput(operation.input, wire), context);
    await services.world.commit();
    reply = protocol.writeOutput(operation.name, operation.output, output, requestId);
  } catch (error) {
    reply = protocol.writeError(toAwsError(error, services), requestId);
    label += ` ${error instanceof AwsError ? error.code : String(error)}`;
  }
  services.log(`${label} ${reply.status} ${services.clock.now().getTime() - startedAt}ms ${requestId}`);
  return { ...reply, requestId };
}

function getOperation(
  service: Service | undefined,
  { service: name, region }: Authorization,
  wire: WireRequest,
): Operation<RequestContext> {
  if (service === undefined) {
    throw new AwsError(
      'InvalidAction',
      `The sandbox does not have the service ${name} (it has ${[...SERVICES.keys()].join(', ')})`,
    );
  }
  if (!REGIONS.includes(region)) {
    throw new AwsError('AuthFailure', `Credential should be scoped to a valid region, not ${region}`, 401);
  }
  const action = service.protocol.findAction(wire);
  if (action === undefined) throw new AwsError('MissingAction', 'The request must contain the parameter Action');
  const operation = service.operations.get(action);
  if (operation !== undefined) return operation;
  throw new AwsError(
    'InvalidAction',
    `The action ${action} is not valid for this web service (the sandbox does not have it)`,
  );
}

async function createContext(
  services: SandboxServices,
  { region }: Authorization,
  {
    request,
    signal,
    requestId,
  }: { readonly request: SignedRequest; readonly signal: AbortSignal; readonly requestId: string },
): Promise<RequestContext> {
  await ensureRegionBaseImages(services, region);
  return {
    ...services,
    region,
    accountId: services.credentials.accountId,
    requestId,
    isWaiter: readHeader(request, 'user-agent')?.includes('Waiter') ?? false,
    requestSignal: signal,
  };
}

function toAwsError(error: unknown, services: SandboxServices): AwsError {
  if (error instanceof AwsError) return error;
  services.log(`bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return new AwsError('InternalError', 'An internal error has occurred in the sandbox; its log has the details', 500);
}

function readHeader({ headers }: SignedRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.join(',');
}
