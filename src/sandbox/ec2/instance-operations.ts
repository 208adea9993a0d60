import {
  GetConsoleOutput$,
  type GetConsoleOutputRequest,
  type GetConsoleOutputResult,
  type InstanceStateChange,
  ModifyInstanceAttribute$,
  RebootInstances$,
  type RebootInstancesRequest,
  StartInstances$,
  type StartInstancesRequest,
  type StartInstancesResult,
  StopInstances$,
  type StopInstancesRequest,
  type StopInstancesResult,
  TerminateInstances$,
  type TerminateInstancesRequest,
  type TerminateInstancesResult,
} from '@aws-sdk/client-ec2';
import { done, oneOf, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { beginTermination, describeTransition } from '../world/instance-states.js';
import type { InstanceRecord, InstanceState, StateReason } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { viewState } from './instance-view.js';
import { waitForHost } from './launch-machine.js';
import { MODIFY_INSTANCE_MEMBERS, modifyInstanceAttribute } from './modify-instance.js';
import { assertNotDryRun, getInstance } from './requests.js';

const TURNED_OFF = 'a machine that is terminated is turned off at once';

export const instanceOperations = [
  defineOperation(StopInstances$, stopInstances, {
    InstanceIds: done,
    Force: done,
    Hibernate: oneOf([false]),
    SkipOsShutdown: oneOf([false]),
  }),
  defineOperation(StartInstances$, startInstances, { InstanceIds: done }),
  defineOperation(RebootInstances$, rebootInstances, { InstanceIds: done }),
  defineOperation(TerminateInstances$, terminateInstances, {
    InstanceIds: done,
    Force: withoutEffect(TURNED_OFF),
    SkipOsShutdown: withoutEffect(TURNED_OFF),
  }),
  defineOperation(ModifyInstanceAttribute$, modifyInstanceAttribute, MODIFY_INSTANCE_MEMBERS),
  defineOperation(GetConsoleOutput$, getConsoleOutput, {
    InstanceId: done,
    Latest: withoutEffect('the output is always the latest'),
  }),
];

const USER_STOP: StateReason = {
  code: 'Client.UserInitiatedShutdown',
  message: 'Client.UserInitiatedShutdown: User initiated shutdown',
};

function stopInstances(input: StopInstancesRequest, context: RequestContext): StopInstancesResult {
  const instances = getInstances(input, context, ['pending', 'running', 'stopping', 'stopped']);
  const spot = instances.find(({ spotRequestId }) => spotRequestId !== undefined);
  if (spot !== undefined) {
    throw new AwsError(
      'UnsupportedOperation',
      `You can't stop the Spot Instance '${spot.id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.`,
    );
  }
  const early = instances.find(({ id, state }) => state === 'pending' && context.driver.find(id) === undefined);
  if (early !== undefined) throw describeWrongState(early);
  assertNotDryRun(input.DryRun);
  for (const { id, state } of instances) {
    if (state !== 'running' && state !== 'pending') continue;
    context.world.instances.update(id, {
      state: 'stopping',
      stoppingSince: context.clock.now().toISOString(),
      stateReason: USER_STOP,
      transitionReason: describeTransition(context, USER_STOP),
    });
    context.runJob(`stop ${id}`, async () => {
      await context.captures.get(id);
      await context.driver.stop(id, { force: input.Force === true });
    });
  }
  return { StoppingInstances: viewChanges(context, instances) };
}

function startInstances(input: StartInstancesRequest, context: RequestContext): StartInstancesResult {
  const instances = getInstances(input, context, ['stopped', 'running', 'pending']);
  assertNotDryRun(input.DryRun);
  for (const { id, state } of instances) {
    if (state !== 'stopped') continue;
    context.world.instances.update(id, {
      state: 'pending',
      stateReason: { code: 'pending', message: 'pending' },
      transitionReason: '',
      launchedAt: context.clock.now().toISOString(),
    });
    context.runJob(`start ${id}`, async () => {
      await context.captures.get(id);
      if (await waitForHost(context, id)) await startOrStop(context, id);
    });
  }
  return { StartingInstances: viewChanges(context, instances) };
}

/** A machine that does not start again is stopped, as EC2 shows it, and says why. */
async function startOrStop(context: RequestContext, id: string): Promise<void> {
  try {
    await context.driver.start(id);
  } catch (error) {
    const message = `Server.InternalError: ${error instanceof Error ? error.message : String(error)}`;
    const stateReason = { code: 'Server.InternalError', message };
    context.world.instances.update(id, { state: 'stopped', stateReason, transitionReason: message });
    await context.world.commit();
    throw error;
  }
}

function rebootInstances(input: RebootInstancesRequest, context: RequestContext): void {
  const instances = getInstances(input, context, ['running']);
  assertNotDryRun(input.DryRun);
  for (const { id } of instances) context.runJob(`reboot ${id}`, () => context.driver.reboot(id));
}

function terminateInstances(input: TerminateInstancesRequest, context: RequestContext): TerminateInstancesResult {
  const instances = getInstances(input, context, undefined);
  for (const { id, isTerminationProtected } of instances) {
    if (isTerminationProtected) {
      throw new AwsError(
        'OperationNotPermitted',
        `The instance '${id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
      );
    }
  }
  assertNotDryRun(input.DryRun);
  for (const instance of instances) {
    if (instance.state !== 'terminated' && instance.state !== 'shutting-down') {
      beginTermination(context, instance, USER_STOP);
    }
  }
  return { TerminatingInstances: viewChanges(context, instances) };
}

async function getConsoleOutput(
  input: GetConsoleOutputRequest,
  context: RequestContext,
): Promise<GetConsoleOutputResult> {
  const { id } = getInstance(context, input.InstanceId);
  assertNotDryRun(input.DryRun);
  // EC2 keeps the last 64 KiB.
  const output = context.driver.find(id) === undefined ? undefined : await context.driver.readConsole(id);
  return {
    InstanceId: id,
    Timestamp: context.clock.now(),
    ...(output === undefined ? {} : { Output: output.subarray(-65_536).toString('base64') }),
  };
}

function getInstances(
  { InstanceIds = [] }: { readonly InstanceIds?: readonly string[] | undefined },
  context: RequestContext,
  allowed: readonly InstanceState[] | undefined,
): readonly InstanceRecord[] {
  const instances = InstanceIds.map((id) => getInstance(context, id));
  const wrong = instances.find((instance) => allowed !== undefined && !allowed.includes(instance.state));
  if (wrong === undefined) return instances;
  throw describeWrongState(wrong);
}

function describeWrongState({ id, state }: InstanceRecord): AwsError {
  return new AwsError(
    'IncorrectInstanceState',
    `The instance '${id}' is not in a state from which this is possible: it is ${state}.`,
  );
}

function viewChanges({ world }: RequestContext, before: readonly InstanceRecord[]): InstanceStateChange[] {
  return before.map(({ id, state }) => ({
    InstanceId: id,
    PreviousState: viewState(state),
    CurrentState: viewState(world.instances.find(id)?.state ?? 'terminated'),
  }));
}
