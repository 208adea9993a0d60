import {
  DeleteParameter$,
  type DeleteParameterRequest,
  type DeleteParameterResult,
  GetParameter$,
  type GetParameterRequest,
  type GetParameterResult,
  GetParameters$,
  GetParametersByPath$,
  type GetParametersByPathRequest,
  type GetParametersByPathResult,
  type GetParametersRequest,
  type GetParametersResult,
  type Parameter,
  PutParameter$,
  type PutParameterRequest,
  type PutParameterResult,
} from '@aws-sdk/client-ssm';
import { cutPage } from '../ec2/pages.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { ParameterRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { listPublicParameters } from './public-parameters.js';

export const parameterOperations = [
  defineOperation(GetParameter$, getParameter),
  defineOperation(GetParameters$, getParameters),
  defineOperation(GetParametersByPath$, getParametersByPath),
  defineOperation(PutParameter$, putParameter),
  defineOperation(DeleteParameter$, deleteParameter),
];

const MAX_VALUE_LENGTH = 4096;

async function getParameter(input: GetParameterRequest, context: RequestContext): Promise<GetParameterResult> {
  const parameter = await findParameter(context, input.Name);
  if (parameter === undefined) throw notFound(input.Name);
  return { Parameter: viewParameter(parameter, context, input.WithDecryption) };
}

async function getParameters(input: GetParametersRequest, context: RequestContext): Promise<GetParametersResult> {
  const names = [...new Set(input.Names ?? [])];
  if (names.length > 10) throw new AwsError('ValidationException', 'At most 10 parameters can be asked for at once');
  const found: Parameter[] = [];
  const missing: string[] = [];
  for (const name of names) {
    const parameter = await findParameter(context, name);
    if (parameter === undefined) missing.push(name);
    else found.push(viewParameter(parameter, context, input.WithDecryption));
  }
  return { Parameters: found, InvalidParameters: missing };
}

async function getParametersByPath(
  input: GetParametersByPathRequest,
  context: RequestContext,
): Promise<GetParametersByPathResult> {
  const path = input.Path ?? '';
  if (!path.startsWith('/')) {
    throw new AwsError('ValidationException', `The parameter path "${path}" must begin with a forward slash`);
  }
  const prefix = path.endsWith('/') ? path : `${path}/`;
  const all = [...listOwnParameters(context), ...(await listPublicParameters(context))];
  const matching = all
    .filter(
      ({ name }) => name.startsWith(prefix) && (input.Recursive === true || !name.slice(prefix.length).includes('/')),
    )
    .sort((one, other) => one.name.localeCompare(other.name));
  const page = cutPage(matching, { MaxResults: input.MaxResults ?? 10, NextToken: input.NextToken });
  return {
    Parameters: page.items.map((parameter) => viewParameter(parameter, context, input.WithDecryption)),
    NextToken: page.NextToken,
  };
}

function putParameter(input: PutParameterRequest, context: RequestContext): PutParameterResult {
  const { Name: name = '', Value: value = '' } = input;
  assertName(name);
  if (value === '' || value.length > MAX_VALUE_LENGTH) {
    throw new AwsError('ValidationException', 'Standard tier parameters hold 1 to 4096 characters');
  }
  const existing = context.world.parameters.find(`${context.region}:${name}`);
  assertPuttable(input, existing);
  const dataType = input.DataType ?? existing?.dataType ?? 'text';
  if (dataType === 'aws:ec2:image' && context.world.images.find(value)?.region !== context.region) {
    throw new AwsError('ValidationException', `The image ID ${value} does not exist in ${context.region}`);
  }
  const version = (existing?.version ?? 0) + 1;
  context.world.parameters.put({
    id: `${context.region}:${name}`,
    region: context.region,
    name,
    value,
    type: input.Type ?? existing?.type ?? 'String',
    dataType,
    version,
    modifiedAt: context.clock.now().toISOString(),
  });
  return { Version: version, Tier: 'Standard' };
}

function assertPuttable(input: PutParameterRequest, existing: ParameterRecord | undefined): void {
  if (existing !== undefined && input.Overwrite !== true) {
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  if (existing === undefined && input.Type === undefined) {
    throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
  }
}

function deleteParameter(input: DeleteParameterRequest, context: RequestContext): DeleteParameterResult {
  if (!context.world.parameters.remove(`${context.region}:${input.Name}`)) throw notFound(input.Name);
  return {};
}

/** By name or ARN; `name:3` asks for a version, of which the sandbox keeps the last. */
async function findParameter(context: RequestContext, given = ''): Promise<ParameterRecord | undefined> {
  const arn = /^arn:aws:ssm:[a-z0-9-]+:\d*:parameter(\/.*)$/.exec(given);
  const [name = '', version] = (arn?.[1] ?? given).split(':', 2);
  const own = context.world.parameters.find(`${context.region}:${name}`);
  const parameter = own ?? (await listPublicParameters(context)).find((each) => each.name === name);
  if (parameter === undefined || version === undefined || String(parameter.version) === version) return parameter;
  throw new AwsError('ParameterVersionNotFound', `Systems Manager could not find version ${version} of ${name}.`);
}

function listOwnParameters({ world, region }: RequestContext): readonly ParameterRecord[] {
  return world.parameters.list().filter((parameter) => parameter.region === region);
}

function viewParameter(
  parameter: ParameterRecord,
  context: RequestContext,
  isDecrypted: boolean | undefined,
): Parameter {
  const isHidden = parameter.type === 'SecureString' && isDecrypted !== true;
  const account = parameter.name.startsWith('/aws/') ? '' : context.accountId;
  return {
    Name: parameter.name,
    Type: parameter.type,
    Value: isHidden
      ? Buffer.from(`encrypted:${parameter.name}:${parameter.version}`).toString('base64')
      : parameter.value,
    Version: parameter.version,
    LastModifiedDate: new Date(parameter.modifiedAt),
    ARN: `arn:aws:ssm:${parameter.region}:${account}:parameter${parameter.name.startsWith('/') ? '' : '/'}${parameter.name}`,
    DataType: parameter.dataType,
  };
}

function assertName(name: string): void {
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  }
  if (/^[A-Za-z0-9_.\-/]{1,1011}$/.test(name)) return;
  throw new AwsError(
    'ValidationException',
    `Parameter name: can't be "${name}": only a mix of letters, numbers and . - _ /`,
  );
}

function notFound(name: string | undefined): AwsError {
  return new AwsError('ParameterNotFound', `Parameter ${name ?? ''} not found.`);
}
