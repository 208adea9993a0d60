// SSM Run Command: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html
import { randomUUID } from 'node:crypto';
import {
  CancelCommand$,
  type CancelCommandRequest,
  type CancelCommandResult,
  type Command,
  type CommandInvocation,
  GetCommandInvocation$,
  type GetCommandInvocationRequest,
  type GetCommandInvocationResult,
  ListCommandInvocations$,
  type ListCommandInvocationsRequest,
  type ListCommandInvocationsResult,
  ListCommands$,
  type ListCommandsRequest,
  type ListCommandsResult,
  SendCommand$,
  type SendCommandRequest,
  type SendCommandResult,
} from '@aws-sdk/client-ssm';
import { cutPage } from '../ec2/pages.js';
import { checked, done, oneOf, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { CommandRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { cancelCommandJob, startCommandJob } from './command-jobs.js';
import { isManaged } from './managed-instances.js';

const DOCUMENT = 'AWS-RunShellScript';
const PLUGIN = 'aws:runShellScript';
const LISTED = { CommandId: done, InstanceId: done, MaxResults: done, NextToken: done } as const;

export const commandOperations = [
  defineOperation(SendCommand$, sendCommand, {
    DocumentName: done,
    DocumentVersion: oneOf(['1', '$DEFAULT', '$LATEST']),
    Parameters: done,
    InstanceIds: done,
    Targets: { Key: done, Values: done },
    Comment: done,
    TimeoutSeconds: withoutEffect('recorded and shown; an instance is reached at once or not at all'),
    CloudWatchOutputConfig: { CloudWatchOutputEnabled: oneOf([false]) },
  }),
  defineOperation(GetCommandInvocation$, getCommandInvocation, {
    CommandId: done,
    InstanceId: done,
    PluginName: oneOf([PLUGIN]),
  }),
  defineOperation(ListCommands$, listCommands, { ...LISTED, Filters: { key: checked, value: done } }),
  defineOperation(ListCommandInvocations$, listCommandInvocations, {
    ...LISTED,
    Filters: { key: checked, value: done },
    Details: done,
  }),
  defineOperation(CancelCommand$, cancelCommand, { CommandId: done, InstanceIds: done }),
];

const MAX_PARAMETER_BYTES = 65_536;
const MAX_INSTANCES = 50;
const DEFAULT_DELIVERY_TIMEOUT_S = 3600;

async function sendCommand(input: SendCommandRequest, context: RequestContext): Promise<SendCommandResult> {
  const parameters = checkDocument(input);
  const instanceIds = await checkInstances(input, context);
  const commandId = randomUUID();
  const records = instanceIds.map((instanceId) =>
    context.world.commands.put({
      id: `${commandId}:${instanceId}`,
      commandId,
      region: context.region,
      instanceId,
      documentName: DOCUMENT,
      parameters,
      comment: input.Comment ?? '',
      status: 'Pending',
      statusDetails: 'Pending',
      exitCode: -1,
      stdout: '',
      stderr: '',
      requestedAt: context.clock.now().toISOString(),
      startedAt: undefined,
      endedAt: undefined,
      deliveryTimeout: input.TimeoutSeconds ?? DEFAULT_DELIVERY_TIMEOUT_S,
    }),
  );
  await context.world.commit();
  for (const record of records) startCommandJob(context, record);
  return { Command: viewCommand(records) };
}

function checkDocument(input: SendCommandRequest): CommandRecord['parameters'] {
  const { DocumentName: name = '', Parameters: parameters = {} } = input;
  if (name !== DOCUMENT) throw new AwsError('InvalidDocument', `Document ${name} does not exist in your account.`);
  const known = ['commands', 'workingDirectory', 'executionTimeout'];
  const unknown = Object.keys(parameters).find((key) => !known.includes(key));
  if (unknown !== undefined || (parameters['commands'] ?? []).length === 0) {
    throw new AwsError('InvalidParameters', `Parameters of ${DOCUMENT}: ${unknown ?? 'commands is missing'}`);
  }
  if (Buffer.byteLength(JSON.stringify(parameters)) > MAX_PARAMETER_BYTES) {
    throw new AwsError('MaxDocumentSizeExceeded', 'The size limit of a document is 64 KB.');
  }
  if ((input.Comment ?? '').length > 100) {
    throw new AwsError('ValidationException', 'comment: Member must have length less than or equal to 100');
  }
  return parameters;
}

/** SSM refuses the whole command when it does not reach one of the instances. */
async function checkInstances(input: SendCommandRequest, context: RequestContext): Promise<readonly string[]> {
  const targets = input.Targets ?? [];
  if (targets.some(({ Key }) => Key !== 'InstanceIds')) {
    throw new AwsError('InvalidTarget', 'The sandbox has targets by InstanceIds only');
  }
  const ids = [...(input.InstanceIds ?? []), ...targets.flatMap(({ Values }) => Values ?? [])];
  if (ids.length === 0 || ids.length > MAX_INSTANCES) {
    throw new AwsError('InvalidInstanceId', `A command takes 1 to ${MAX_INSTANCES} instances, not ${ids.length}`);
  }
  for (const id of ids) {
    const instance = context.world.instances.find(id);
    if (instance?.region === context.region && (await isManaged(instance, context))) continue;
    throw new AwsError(
      'InvalidInstanceId',
      `Instances [[${id}]] not in a valid state for account ${context.accountId}`,
    );
  }
  return ids;
}

function getCommandInvocation(input: GetCommandInvocationRequest, context: RequestContext): GetCommandInvocationResult {
  const record = context.world.commands.find(`${input.CommandId}:${input.InstanceId}`);
  if (record === undefined || record.region !== context.region) {
    throw new AwsError('InvocationDoesNotExist', `Command ${input.CommandId} on ${input.InstanceId} does not exist.`);
  }
  return {
    CommandId: record.commandId,
    InstanceId: record.instanceId,
    Comment: record.comment,
    DocumentName: record.documentName,
    PluginName: PLUGIN,
    ResponseCode: record.exitCode,
    ExecutionStartDateTime: record.startedAt ?? '',
    ExecutionEndDateTime: record.endedAt ?? '',
    Status: record.status,
    StatusDetails: record.statusDetails,
    StandardOutputContent: record.stdout,
    StandardOutputUrl: '',
    StandardErrorContent: record.stderr,
    StandardErrorUrl: '',
  };
}

function listCommands(input: ListCommandsRequest, context: RequestContext): ListCommandsResult {
  const byCommand = new Map<string, readonly CommandRecord[]>();
  for (const record of selectCommands(input, context)) {
    byCommand.set(record.commandId, [...(byCommand.get(record.commandId) ?? []), record]);
  }
  const page = cutPage([...byCommand.values()].toReversed(), input);
  return { Commands: page.items.map(viewCommand), NextToken: page.NextToken };
}

function listCommandInvocations(
  input: ListCommandInvocationsRequest,
  context: RequestContext,
): ListCommandInvocationsResult {
  const page = cutPage(selectCommands(input, context).toReversed(), input);
  const view = input.Details === true ? viewDetails : viewInvocation;
  return { CommandInvocations: page.items.map(view), NextToken: page.NextToken };
}

function selectCommands(
  { CommandId: commandId, InstanceId: instanceId, Filters: filters = [] }: ListCommandsRequest,
  context: RequestContext,
): readonly CommandRecord[] {
  const unknown = filters.find(({ key }) => key !== 'DocumentName' && key !== 'Status');
  if (unknown !== undefined) {
    const known = 'the filters DocumentName and Status';
    throw new AwsError('InvalidFilterKey', `The sandbox has ${known}, not ${String(unknown.key)}`);
  }
  return context.world.commands
    .list()
    .filter(
      (record) =>
        record.region === context.region &&
        (commandId === undefined || record.commandId === commandId) &&
        (instanceId === undefined || record.instanceId === instanceId) &&
        filters.every(({ key, value }) => value === (key === 'Status' ? record.status : record.documentName)),
    );
}

function cancelCommand(input: CancelCommandRequest, context: RequestContext): CancelCommandResult {
  const records = context.world.commands.list().filter(({ commandId }) => commandId === input.CommandId);
  if (records.length === 0) throw new AwsError('InvalidCommandId', `Command ${input.CommandId} does not exist.`);
  for (const record of records) {
    if (input.InstanceIds?.includes(record.instanceId) ?? true) cancelCommandJob(context, record);
  }
  return {};
}

/** A command is as far as the least of its invocations. */
function viewCommand(records: readonly CommandRecord[]): Command {
  const [first] = records;
  const telling = records.find(isOpen) ?? records.find(({ status }) => status !== 'Success') ?? first;
  return {
    CommandId: first?.commandId,
    DocumentName: first?.documentName,
    Comment: first?.comment,
    Parameters: Object.fromEntries(
      Object.entries(first?.parameters ?? {}).map(([name, values]) => [name, [...values]]),
    ),
    InstanceIds: records.map(({ instanceId }) => instanceId),
    RequestedDateTime: first === undefined ? undefined : new Date(first.requestedAt),
    TimeoutSeconds: first?.deliveryTimeout,
    Status: telling?.status,
    StatusDetails: telling?.statusDetails,
    TargetCount: records.length,
    CompletedCount: records.filter((record) => !isOpen(record)).length,
    ErrorCount: records.filter(({ status }) => status === 'Failed').length,
  };
}

function isOpen({ status }: CommandRecord): boolean {
  return status === 'Pending' || status === 'InProgress';
}

function viewInvocation(record: CommandRecord): CommandInvocation {
  return {
    CommandId: record.commandId,
    InstanceId: record.instanceId,
    Comment: record.comment,
    DocumentName: record.documentName,
    RequestedDateTime: new Date(record.requestedAt),
    Status: record.status,
    StatusDetails: record.statusDetails,
  };
}

// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CommandPlugin.html: output is cut here.
const MAX_PLUGIN_OUTPUT = 2500;

function viewDetails(record: CommandRecord): CommandInvocation {
  const output = `${record.stdout}${record.stderr === '' ? '' : `\n----------ERROR-------\n${record.stderr}`}`;
  return {
    ...viewInvocation(record),
    CommandPlugins: [
      {
        Name: PLUGIN,
        Status: record.status,
        StatusDetails: record.statusDetails,
        ResponseCode: record.exitCode,
        Output: output.slice(0, MAX_PLUGIN_OUTPUT),
      },
    ],
  };
}
