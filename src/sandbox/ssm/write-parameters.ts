import {
  DeleteParameter$,
  type DeleteParameterRequest,
  type DeleteParameterResult,
  DeleteParameters$,
  type DeleteParametersRequest,
  type DeleteParametersResult,
  PutParameter$,
  type PutParameterRequest,
  type PutParameterResult,
} from '@aws-sdk/client-ssm';
import { isUsableImage } from '../ec2/visibility.js';
import { done, oneOf, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { ParameterRecord, ParameterVersion } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { assertParameterName, parseParameterReference } from './parameter-names.js';
import { findOwnParameter, parameterNotFound } from './parameter-store.js';
import { readParameterTags } from './parameter-tags.js';

export const writeParameterOperations = [
  defineOperation(PutParameter$, putParameter, {
    Name: done,
    Value: done,
    Description: done,
    Type: oneOf(['String', 'StringList', 'SecureString']),
    KeyId: withoutEffect('nothing is encrypted; a key that is not there is not noticed'),
    Overwrite: done,
    AllowedPattern: done,
    Tags: { Key: done, Value: done },
    Tier: oneOf(['Standard', 'Advanced', 'Intelligent-Tiering']),
    DataType: done,
  }),
  defineOperation(DeleteParameter$, deleteParameter, { Name: done }),
  defineOperation(DeleteParameters$, deleteParameters, { Names: done }),
];

const STANDARD_LENGTH = 4096;
const ADVANCED_LENGTH = 8192;
const MAX_VERSIONS = 100;
const MAX_NAMES = 10;

/**
 * A value of the type aws:ec2:image is looked at only after the reply, as by the service: of an AMI that is not there the
 * caller gets a version number, and nothing is written.
 */
function putParameter(input: PutParameterRequest, context: RequestContext): PutParameterResult {
  const { Name: name = '', Value: value = '' } = input;
  assertParameterName(name);
  const existing = findOwnParameter(context, name);
  assertPuttable(input, existing);
  const version: ParameterVersion = {
    value,
    type: input.Type ?? existing?.type ?? 'String',
    dataType: input.DataType ?? existing?.dataType ?? 'text',
    version: (existing?.version ?? 0) + 1,
    modifiedAt: context.clock.now().toISOString(),
    description: input.Description ?? existing?.description,
    allowedPattern: input.AllowedPattern ?? existing?.allowedPattern,
    tier: chooseTier(input, existing),
    labels: [],
  };
  assertValue(version);
  const tags = input.Tags === undefined ? (existing?.tags ?? {}) : readParameterTags(input.Tags);
  const history = keepVersions(existing);
  if (isImageMissing(version, context)) {
    context.log(`parameter ${name} is not written: there is no available image ${value} in ${context.region}`);
  } else {
    const id = `${context.region}:${name}`;
    context.world.parameters.put({ ...version, id, region: context.region, name, tags, history });
  }
  return { Version: version.version, Tier: version.tier };
}

function assertPuttable(input: PutParameterRequest, existing: ParameterRecord | undefined): void {
  if (existing !== undefined && input.Overwrite !== true) {
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  if (input.Overwrite === true && input.Tags !== undefined) {
    throw invalid(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  }
  if (existing === undefined && input.Type === undefined) {
    throw invalid('A parameter type is required when you create a parameter.');
  }
  if (existing !== undefined && input.Type !== undefined && input.Type !== existing.type) {
    throw new AwsError(
      'HierarchyTypeMismatchException',
      `The parameter ${existing.name} is a ${existing.type} and cannot become a ${input.Type}. Create a new, unique parameter.`,
    );
  }
}

function assertValue({ value, type, dataType, tier, allowedPattern }: ParameterVersion): void {
  const longest = tier === 'Advanced' ? ADVANCED_LENGTH : STANDARD_LENGTH;
  if (value === '' || value.length > longest) throw invalid(`${tier} tier parameters hold 1 to ${longest} characters`);
  if (allowedPattern !== undefined && !compilePattern(allowedPattern).test(value)) {
    throw new AwsError(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
    );
  }
  if (dataType === 'aws:ec2:image') {
    if (type !== 'String') throw invalid('A parameter of the data type aws:ec2:image must be a String');
    if (!/^ami-([0-9a-f]{8}|[0-9a-f]{17})$/.test(value)) throw invalid(`The value ${value} is no AMI id`);
  } else if (dataType !== 'text' && dataType !== 'aws:ssm:integration') {
    throw invalid(`The following data type is not supported: ${dataType}`);
  }
}

function compilePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    throw new AwsError('InvalidAllowedPatternException', `The pattern ${pattern} is no regular expression`);
  }
}

function isImageMissing({ dataType, value }: ParameterVersion, context: RequestContext): boolean {
  if (dataType !== 'aws:ec2:image') return false;
  const image = context.world.images.find(value);
  return image?.region !== context.region || image.state !== 'available' || !isUsableImage(context, image);
}

function chooseTier(input: PutParameterRequest, existing: ParameterRecord | undefined): 'Standard' | 'Advanced' {
  const isLong = (input.Value ?? '').length > STANDARD_LENGTH;
  const wasAdvanced = existing?.tier === 'Advanced';
  if (input.Tier === 'Standard' && wasAdvanced) {
    throw invalid('This parameter uses the advanced-parameter tier. You can’t downgrade it to the standard tier.');
  }
  return input.Tier === 'Advanced' || wasAdvanced || (input.Tier === 'Intelligent-Tiering' && isLong)
    ? 'Advanced'
    : 'Standard';
}

/** The versions before a new one: the oldest goes when there are a hundred, unless it has a label. */
function keepVersions(existing: ParameterRecord | undefined): readonly ParameterVersion[] {
  if (existing === undefined) return [];
  const { history = [], id: _id, region: _region, name: _name, tags: _tags, ...current } = existing;
  const versions = [...history, current];
  if (versions.length < MAX_VERSIONS) return versions;
  if ((versions[0]?.labels ?? []).length > 0) {
    throw new AwsError(
      'ParameterMaxVersionLimitExceeded',
      `Version ${versions[0]?.version} of ${existing.name} has a label and is the oldest of ${MAX_VERSIONS}: move the label to another version.`,
    );
  }
  return versions.slice(1);
}

function deleteParameter(input: DeleteParameterRequest, context: RequestContext): DeleteParameterResult {
  if (!removeParameter(context, input.Name)) throw parameterNotFound(input.Name);
  return {};
}

function deleteParameters({ Names = [] }: DeleteParametersRequest, context: RequestContext): DeleteParametersResult {
  if (Names.length > MAX_NAMES) throw invalid(`At most ${MAX_NAMES} parameters can be deleted at once`);
  const deleted = Names.filter((name) => removeParameter(context, name));
  return { DeletedParameters: deleted, InvalidParameters: Names.filter((name) => !deleted.includes(name)) };
}

function removeParameter({ world, region }: RequestContext, given = ''): boolean {
  return world.parameters.remove(`${region}:${parseParameterReference(given).name}`);
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
