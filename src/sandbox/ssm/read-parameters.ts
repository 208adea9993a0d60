import {
  GetParameter$,
  GetParameterHistory$,
  type GetParameterHistoryRequest,
  type GetParameterHistoryResult,
  type GetParameterRequest,
  type GetParameterResult,
  GetParameters$,
  GetParametersByPath$,
  type GetParametersByPathRequest,
  type GetParametersByPathResult,
  type GetParametersRequest,
  type GetParametersResult,
  type Parameter,
} from '@aws-sdk/client-ssm';
import { cutPage } from '../ec2/pages.js';
import { done } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { ParameterRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { matchesParameterFilters } from './parameter-filters.js';
import {
  findParameter,
  getOwnParameter,
  listOwnParameters,
  listVersions,
  parameterNotFound,
  viewParameter,
  viewValue,
} from './parameter-store.js';
import { listPublicParameters } from './public-parameters.js';

export const readParameterOperations = [
  defineOperation(GetParameter$, getParameter, { Name: done, WithDecryption: done }),
  defineOperation(GetParameters$, getParameters, { Names: done, WithDecryption: done }),
  defineOperation(GetParametersByPath$, getParametersByPath, {
    Path: done,
    Recursive: done,
    ParameterFilters: { Key: done, Option: done, Values: done },
    WithDecryption: done,
    MaxResults: done,
    NextToken: done,
  }),
  defineOperation(GetParameterHistory$, getParameterHistory, {
    Name: done,
    WithDecryption: done,
    MaxResults: done,
    NextToken: done,
  }),
];

const MAX_NAMES = 10;
const LARGEST_PATH_PAGE = 10;
const LARGEST_HISTORY_PAGE = 50;

async function getParameter(input: GetParameterRequest, context: RequestContext): Promise<GetParameterResult> {
  const parameter = await findParameter(context, input.Name);
  if (parameter === undefined) throw parameterNotFound(input.Name);
  return { Parameter: viewParameter(parameter, context, input.WithDecryption) };
}

/** Names that lead nowhere, also by their version or label, are listed and not an error. */
async function getParameters(input: GetParametersRequest, context: RequestContext): Promise<GetParametersResult> {
  const names = [...new Set(input.Names ?? [])];
  if (names.length > MAX_NAMES) {
    throw new AwsError('ValidationException', `At most ${MAX_NAMES} parameters can be asked for at once`);
  }
  const found: Parameter[] = [];
  const missing: string[] = [];
  for (const name of names) {
    const parameter = await findParameter(context, name).catch((error: unknown) => {
      if (error instanceof AwsError) return undefined;
      throw error;
    });
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
  const all = [...listOwnParameters(context), ...(await listPublicParameters(context))];
  const matching = all
    .filter((parameter) => isBelow(parameter, path, input.Recursive === true))
    .filter((parameter) => matchesParameterFilters(parameter, input.ParameterFilters))
    .sort((one, other) => one.name.localeCompare(other.name));
  const page = cutPage(matching, {
    MaxResults: assertPageSize(input.MaxResults, LARGEST_PATH_PAGE),
    NextToken: input.NextToken,
  });
  return {
    Parameters: page.items.map((record) =>
      viewParameter({ name: record.name, version: record, selector: undefined }, context, input.WithDecryption),
    ),
    NextToken: page.NextToken,
  };
}

function isBelow({ name }: ParameterRecord, path: string, isRecursive: boolean): boolean {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return name.startsWith(prefix) && (isRecursive || !name.slice(prefix.length).includes('/'));
}

function getParameterHistory(input: GetParameterHistoryRequest, context: RequestContext): GetParameterHistoryResult {
  const record = getOwnParameter(context, input.Name);
  const page = cutPage(listVersions(record), {
    MaxResults: assertPageSize(input.MaxResults, LARGEST_HISTORY_PAGE),
    NextToken: input.NextToken,
  });
  return {
    NextToken: page.NextToken,
    Parameters: page.items.map((version) => ({
      Name: record.name,
      Type: version.type,
      LastModifiedDate: new Date(version.modifiedAt),
      LastModifiedUser: `arn:aws:iam::${context.accountId}:user/sandbox`,
      Description: version.description,
      Value: viewValue(record.name, version, input.WithDecryption),
      AllowedPattern: version.allowedPattern,
      Version: version.version,
      Labels: [...(version.labels ?? [])],
      Tier: version.tier ?? 'Standard',
      Policies: [],
      DataType: version.dataType,
    })),
  };
}

function assertPageSize(size: number | undefined, largest: number): number {
  if (size === undefined) return largest;
  if (size >= 1 && size <= largest) return size;
  throw new AwsError('ValidationException', `MaxResults must be between 1 and ${largest}, not ${size}`);
}
