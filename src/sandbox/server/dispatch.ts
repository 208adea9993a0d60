// One request from its bytes to its reply: who asks, which service and region (both are in the signature), which
// operation; then the handler, then the write to disk, then the answer.

import { randomUUID } from 'node:crypto';
import { assertMembers } from '../members/assert-members.js';
import { AwsError } from '../wire/aws-error.js';
import type { Operation } from '../wire/operation.js';
import { createQueryProtocol, type WireReply, type WireRequest } from '../wire/protocol.js';
import { viewWorldAs } from '../world/account-view.js';
import type { Account } from '../world/accounts.js';
import { ensureRegionBaseImages } from '../world/base-images.js';
import { REGIONS } from '../world/regions.js';
import type { RequestContext, SandboxServices } from '../world/services.js';
import { meetFault } from './meet-fault.js';
import { SERVICES, type Service } from './service-table.js';
import { type Authorization, assertSignature, parseAuthorization, type SignedRequest } from './signature.js';

export interface ApiReply extends WireReply {
  readonly requestId: string;
}

const FALLBACK_PROTOCOL = createQueryProtocol('https://sandbox.invalid/');

/**
 * Answers one signed API request. Never throws: what goes wrong becomes an error reply in the service's own form. To hang
 * up is what a fault plan may ask for.
 */
export async function answerApiRequest(
  services: SandboxServices,
  request: SignedRequest,
  signal: AbortSignal,
): Promise<ApiReply | 'hang up'> {
  const requestId = randomUUID();
  const startedAt = services.clock.now().getTime();
  let protocol = FALLBACK_PROTOCOL;
  let label = '-';
  let reply: WireReply;
  try {
    const authorization = parseAuthorization(readHeader(request, 'authorization'));
    const service = SERVICES.get(authorization.service);
    protocol = service?.protocol ?? FALLBACK_PROTOCOL;
    label = `${authorization.region} ${authorization.service}`;
    const operation = getOperation(service, authorization, request);
    label += `:${operation.name}`;
    const account = assertSignature(withPayloadHash(request, service), authorization, {
      accounts: services.accounts,
      now: services.clock.now(),
    });
    assertServed(service, account, services);
    const context = await createContext(services, authorization, { account, request, signal, requestId });
    const input = protocol.readInput(operation, request);
    if (service !== undefined) assertMembers(operation, input, service.refusals);
    services.access.assertAllowed({ service: authorization.service, operation: operation.name, input }, context);
    const fault = await meetFault(context, `${authorization.service}:${operation.name}`, input);
    if (fault?.kind === 'lost-request') return hangUp(services, label);
    const output = fault?.kind === 'answer' ? fault.output : await operation.handle(input, context);
    await services.world.commit();
    if (fault?.kind === 'lost-response') return hangUp(services, label);
    reply = protocol.writeOutput(operation, output, requestId);
  } catch (error) {
    reply = protocol.writeError(toAwsError(error, services), requestId);
    label += ` ${error instanceof AwsError ? error.code : String(error)}`;
  }
  services.log(`${label} ${reply.status} ${services.clock.now().getTime() - startedAt}ms ${requestId}`);
  return { ...reply, requestId };
}

function assertServed(service: Service | undefined, { accountId }: Account, { credentials }: SandboxServices): void {
  if (service?.isForOwnAccount !== true || accountId === credentials.accountId) return;
  const reason = `The sandbox has this service for its own account, ${credentials.accountId}, alone`;
  throw new AwsError('AccessDeniedException', reason, 403);
}

function hangUp(services: SandboxServices, label: string): 'hang up' {
  services.log(`${label} hung up, as the fault plan says`);
  return 'hang up';
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

interface Call {
  readonly account: Account;
  readonly request: SignedRequest;
  readonly signal: AbortSignal;
  readonly requestId: string;
}

async function createContext(
  services: SandboxServices,
  { region }: Authorization,
  { account, request, signal, requestId }: Call,
): Promise<RequestContext> {
  await ensureRegionBaseImages(services, region);
  return {
    ...services,
    region,
    world: viewWorldAs(services.world, account.accountId, services.credentials.accountId),
    accountId: account.accountId,
    memberOf: account.memberOf,
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

const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

function withPayloadHash(request: SignedRequest, service: Service | undefined): SignedRequest {
  const isUnsigned = readHeader(request, 'x-amz-content-sha256') === UNSIGNED_PAYLOAD;
  return isUnsigned && service?.hasUnsignedBodies === true ? { ...request, payloadHash: UNSIGNED_PAYLOAD } : request;
}

function readHeader({ headers }: SignedRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.join(',');
}
