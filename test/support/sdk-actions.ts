// Every action of the sandbox as the SDK's clients send it, with inputs made from the SDK's own schemas.
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as ebs from '@aws-sdk/client-ebs';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elasticBeanstalk from '@aws-sdk/client-elastic-beanstalk';
import * as iam from '@aws-sdk/client-iam';
import * as ssm from '@aws-sdk/client-ssm';
import type { NormalizedSchema } from '@smithy/core/schema';
import { listMembers, type Member } from '../../src/sandbox/members/list-members.js';
import { SERVICES } from '../../src/sandbox/server/service-table.js';
import { listRequiredMembers, type Operation } from '../../src/sandbox/wire/operation.js';
import type { RequestContext } from '../../src/sandbox/world/services.js';
import { clientOptions, type TestSandbox } from './a-sandbox.js';
import { callKms } from './call-kms.js';

export interface Action {
  /** `ec2`. */
  readonly service: string;
  readonly operation: Operation<RequestContext>;
}

export type ActionMember = Action & { readonly member: Member };

export const ACTIONS: readonly Action[] = [...SERVICES].flatMap(([service, { operations }]) =>
  [...operations.values()].map((operation) => ({ service, operation })),
);

export const ACTION_MEMBERS: readonly ActionMember[] = ACTIONS.flatMap((action) =>
  listMembers(action.operation.input, action.operation.members).map((member) => ({ ...action, member })),
);

export interface ActionSender {
  /** Sends an input that the types of the SDK may forbid. Rejects with an error named by its code. */
  send(action: Action, input: object): Promise<unknown>;
  close(): void;
}

/** Clients of every service, signed in to the sandbox. */
export function openActionSender({ sandbox }: TestSandbox): ActionSender {
  const opened = new Map<string, SdkClient>();
  return {
    async send({ service, operation }, input) {
      if (service === 'kms') return await callKms(sandbox, operation.name, input);
      const { module, client = '' } = CLIENTS[service] ?? {};
      const Command = module?.[`${operation.name}Command`];
      const Client = module?.[client];
      if (Command === undefined || Client === undefined) throw new Error(`There is no client for ${service}`);
      const sender = opened.get(service) ?? new Client(clientOptions(sandbox, 'us-east-1'));
      opened.set(service, sender);
      return await sender.send(new Command(input));
    },
    close() {
      for (const client of opened.values()) client.destroy();
    },
  };
}

interface SdkClient {
  send(command: object): Promise<unknown>;
  destroy(): void;
}

type SdkModule = Readonly<Record<string, (new (input: object) => SdkClient) | undefined>>;

const CLIENTS: Readonly<Record<string, { readonly module: SdkModule; readonly client: string }>> = {
  ec2: { module: ec2 as unknown as SdkModule, client: 'EC2Client' },
  ssm: { module: ssm as unknown as SdkModule, client: 'SSMClient' },
  ebs: { module: ebs as unknown as SdkModule, client: 'EBSClient' },
  iam: { module: iam as unknown as SdkModule, client: 'IAMClient' },
  logs: { module: logs as unknown as SdkModule, client: 'CloudWatchLogsClient' },
  elasticbeanstalk: { module: elasticBeanstalk as unknown as SdkModule, client: 'ElasticBeanstalkClient' },
};

/** An input that has what the schema requires, and the member at `path` with this value or one of its type. */
export function inputWith(operation: Operation<RequestContext>, path: string, value?: unknown): object {
  return fill(operation.input, path.split('.'), value) as object;
}

function fill(schema: NormalizedSchema, path: readonly string[], value: unknown): unknown {
  if (schema.isListSchema()) return [fill(schema.getValueSchema(), path, value)];
  if (schema.isStructSchema()) {
    const required = listRequiredMembers(schema).map((name) => [name, fillRequired(schema.getMemberSchema(name))]);
    const [name, ...rest] = path;
    const chosen = name === undefined ? [] : [[name, fill(schema.getMemberSchema(name), rest, value)]];
    return Object.fromEntries([...required, ...chosen]);
  }
  return value ?? sample(schema);
}

/** A structure without anything in it would not be sent at all. */
function fillRequired(schema: NormalizedSchema): unknown {
  if (!schema.isStructSchema()) return fill(schema, [], undefined);
  const [first] = [...schema.structIterator()].map(([name]) => name);
  return fill(schema, listRequiredMembers(schema).length > 0 || first === undefined ? [] : [first], undefined);
}

function sample(schema: NormalizedSchema): unknown {
  if (schema.isMapSchema()) return { sample: fill(schema.getValueSchema(), [], undefined) };
  if (schema.isBooleanSchema()) return true;
  if (schema.isNumericSchema()) return 7;
  if (schema.isTimestampSchema()) return new Date('2030-01-01T00:00:00Z');
  return schema.isBlobSchema() ? new Uint8Array([1]) : 'sample';
}
