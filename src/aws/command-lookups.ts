// How far commands are, asked for by all builds together. Only GetCommandInvocation has the output, one command a call; so
// many commands are first told apart by one list, and only those that have ended are asked for their output.
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { askOneByOne, type BatchAnswer, batchLookups, type Lookup } from './batch-lookups.js';
import type { CommandResult } from './ec2-ports.js';
import type { LookupTurns } from './lookup-turns.js';
import { callAws, callAwsOrMiss } from './translate-error.js';

export interface CommandLookups {
  /** Ping status by instance id. */
  readonly agents: Lookup<string>;
  /** By `commandKey`. */
  readonly results: Lookup<CommandResult>;
}

/** Both calls take pages of 50. */
const PAGE_SIZE = 50;
/** Commands of others in the account are on the list too; beyond this many pages it saves nothing. */
const MAX_PAGES = 4;
const FEW = 2;
const PARALLEL = 8;
const OPEN = ['Pending', 'InProgress', 'Delayed', 'Cancelling'];
const RUNNING: CommandResult = { status: 'InProgress', isEnded: false, exitCode: -1, stdout: '', stderr: '' };

export function commandKey(commandId: string, instanceId: string): string {
  return `${commandId} ${instanceId}`;
}

export function createCommandLookups(ssm: SSMClient, createTurns: () => LookupTurns): CommandLookups {
  return {
    agents: batchLookups({
      ask: (instanceIds) => findAgents(ssm, instanceIds),
      maxKeys: PAGE_SIZE,
      turns: createTurns(),
    }),
    results: batchLookups({ ask: createResultFinder(ssm), maxKeys: 4 * PAGE_SIZE, turns: createTurns() }),
  };
}

async function findAgents(ssm: SSMClient, instanceIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { InstanceInformationList = [] } = await callAws('ssm:DescribeInstanceInformation', () =>
    ssm.send(
      new DescribeInstanceInformationCommand({
        Filters: [{ Key: 'InstanceIds', Values: [...instanceIds] }],
        MaxResults: PAGE_SIZE,
      }),
    ),
  );
  return new Map(InstanceInformationList.map(({ InstanceId = '', PingStatus = '' }) => [InstanceId, PingStatus]));
}

function createResultFinder(ssm: SSMClient) {
  let mayList = true;
  return async (keys: readonly string[]): Promise<BatchAnswer<CommandResult>> => {
    const running = mayList && keys.length > FEW ? await findRunning(ssm, new Set(keys)) : new Set<string>();
    // A policy that was written for single builds need not allow the list.
    mayList &&= running !== undefined;
    const open = keys.filter((key) => running?.has(key)).map((key) => [key, RUNNING] as const);
    const rest = keys.filter((key) => running?.has(key) !== true);
    return new Map([...open, ...(await askOneByOne(rest, PARALLEL, (key) => findResult(ssm, key)))]);
  };
}

/** Undefined when the caller may not ask. */
async function findRunning(ssm: SSMClient, keys: ReadonlySet<string>): Promise<ReadonlySet<string> | undefined> {
  const running = new Set<string>();
  let next: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await callAwsOrMiss('ssm:ListCommandInvocations', ['AccessDeniedException'], () =>
      ssm.send(
        new ListCommandInvocationsCommand({
          Filters: [{ key: 'Status', value: 'InProgress' }],
          MaxResults: PAGE_SIZE,
          ...(next === undefined ? {} : { NextToken: next }),
        }),
      ),
    );
    if (answer === undefined) return undefined;
    for (const { CommandId = '', InstanceId = '' } of answer.CommandInvocations ?? []) {
      const key = commandKey(CommandId, InstanceId);
      if (keys.has(key)) running.add(key);
    }
    next = answer.NextToken === '' ? undefined : answer.NextToken;
    if (next === undefined) break;
  }
  return running;
}

async function findResult(ssm: SSMClient, key: string): Promise<CommandResult | undefined> {
  const [CommandId = '', InstanceId = ''] = key.split(' ');
  const answer = await callAwsOrMiss('ssm:GetCommandInvocation', ['InvocationDoesNotExist'], () =>
    ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId })),
  );
  if (answer === undefined) return undefined;
  return {
    status: answer.StatusDetails ?? answer.Status ?? '',
    isEnded: !OPEN.includes(answer.Status ?? ''),
    exitCode: answer.ResponseCode ?? -1,
    stdout: answer.StandardOutputContent ?? '',
    stderr: answer.StandardErrorContent ?? '',
  };
}
