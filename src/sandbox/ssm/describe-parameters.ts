import {
  DescribeParameters$,
  type DescribeParametersRequest,
  type DescribeParametersResult,
  LabelParameterVersion$,
  type LabelParameterVersionRequest,
  type LabelParameterVersionResult,
  UnlabelParameterVersion$,
  type UnlabelParameterVersionRequest,
  type UnlabelParameterVersionResult,
} from '@aws-sdk/client-ssm';
import { cutPage } from '../ec2/pages.js';
import { done, oneOf } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { ParameterRecord, ParameterVersion } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { matchesParameterFilters } from './parameter-filters.js';
import { formatParameterArn } from './parameter-names.js';
import { getOwnParameter, listOwnParameters, listVersions } from './parameter-store.js';

export const describeParameterOperations = [
  defineOperation(DescribeParameters$, describeParameters, {
    ParameterFilters: { Key: done, Option: done, Values: done },
    MaxResults: done,
    NextToken: done,
    Shared: oneOf([false]),
  }),
  defineOperation(LabelParameterVersion$, labelVersion, { Name: done, Labels: done, ParameterVersion: done }),
  defineOperation(UnlabelParameterVersion$, unlabelVersion, { Name: done, Labels: done, ParameterVersion: done }),
];

const LARGEST_PAGE = 50;
const MAX_LABELS = 10;

function describeParameters(input: DescribeParametersRequest, context: RequestContext): DescribeParametersResult {
  const matching = listOwnParameters(context)
    .filter((parameter) => matchesParameterFilters(parameter, input.ParameterFilters))
    .sort((one, other) => one.name.localeCompare(other.name));
  const page = cutPage(matching, {
    MaxResults: Math.min(input.MaxResults ?? LARGEST_PAGE, LARGEST_PAGE),
    NextToken: input.NextToken,
  });
  return {
    NextToken: page.NextToken,
    Parameters: page.items.map((record) => ({
      Name: record.name,
      ARN: formatParameterArn(context, record.name),
      Type: record.type,
      LastModifiedDate: new Date(record.modifiedAt),
      LastModifiedUser: `arn:aws:iam::${context.accountId}:user/sandbox`,
      Description: record.description,
      AllowedPattern: record.allowedPattern,
      Version: record.version,
      Tier: record.tier ?? 'Standard',
      Policies: [],
      DataType: record.dataType,
    })),
  };
}

/** A label is at one version at a time: giving it to another one moves it. */
function labelVersion(input: LabelParameterVersionRequest, context: RequestContext): LabelParameterVersionResult {
  const record = getOwnParameter(context, input.Name);
  const labels = input.Labels ?? [];
  const wrong = labels.filter((label) => !/^(?!aws|ssm)[A-Za-z_.-][A-Za-z0-9_.-]{0,99}$/i.test(label));
  const right = labels.filter((label) => !wrong.includes(label));
  const version = getVersion(record, input.ParameterVersion ?? record.version);
  const kept = new Set([...(version.labels ?? []), ...right]);
  if (kept.size > MAX_LABELS) {
    throw new AwsError(
      'ParameterVersionLabelLimitExceeded',
      `A parameter version can have a maximum of ${MAX_LABELS} labels.`,
    );
  }
  relabel(context, record, (each) =>
    each.version === version.version ? [...kept] : (each.labels ?? []).filter((label) => !right.includes(label)),
  );
  return { InvalidLabels: wrong, ParameterVersion: version.version };
}

function unlabelVersion(input: UnlabelParameterVersionRequest, context: RequestContext): UnlabelParameterVersionResult {
  const record = getOwnParameter(context, input.Name);
  const { version, labels: present = [] } = getVersion(record, input.ParameterVersion ?? 0);
  const removed = (input.Labels ?? []).filter((label) => present.includes(label));
  relabel(context, record, (each) =>
    (each.labels ?? []).filter((label) => each.version !== version || !removed.includes(label)),
  );
  return { RemovedLabels: removed, InvalidLabels: (input.Labels ?? []).filter((label) => !removed.includes(label)) };
}

function getVersion(record: ParameterRecord, wanted: number): ParameterVersion {
  const version = listVersions(record).find((each) => each.version === wanted);
  if (version !== undefined) return version;
  throw new AwsError('ParameterVersionNotFound', `Systems Manager could not find version ${wanted} of ${record.name}.`);
}

function relabel(
  { world }: RequestContext,
  record: ParameterRecord,
  labelsOf: (version: ParameterVersion) => readonly string[],
): void {
  world.parameters.put({
    ...record,
    labels: labelsOf(record),
    history: (record.history ?? []).map((version) => ({ ...version, labels: labelsOf(version) })),
  });
}
