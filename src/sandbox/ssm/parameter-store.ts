// Where parameters are found: the account's own, with all their versions, and the publishers'.

import type { Parameter } from '@aws-sdk/client-ssm';
import { AwsError } from '../wire/aws-error.js';
import type { ParameterRecord, ParameterVersion } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { formatParameterArn, parseParameterReference } from './parameter-names.js';
import { listPublicParameters } from './public-parameters.js';

/** A parameter at one of its versions. */
export interface FoundParameter {
  readonly name: string;
  readonly version: ParameterVersion;
  /** `:3` or `:stable`, as it was asked for. */
  readonly selector: string | undefined;
}

/**
 * Finds a parameter by its name or ARN, at the version or label that follows a colon, else at its newest.
 *
 * @throws AwsError ParameterVersionNotFound when only the version or label is missing
 */
export async function findParameter(context: RequestContext, given = ''): Promise<FoundParameter | undefined> {
  const { name, selector } = parseParameterReference(given);
  const record = findOwnParameter(context, name) ?? (await findPublicParameter(context, name));
  if (record === undefined) return undefined;
  if (selector === undefined) return { name, version: record, selector };
  const version = listVersions(record).find(
    (each) => String(each.version) === selector || (each.labels ?? []).includes(selector),
  );
  if (version !== undefined) return { name, version, selector: `:${selector}` };
  const kind = /^\d+$/.test(selector) ? 'version' : 'label';
  throw new AwsError('ParameterVersionNotFound', `Systems Manager could not find ${kind} ${selector} of ${name}.`);
}

/** @throws AwsError ParameterNotFound */
export function getOwnParameter(context: RequestContext, given: string | undefined): ParameterRecord {
  const { name } = parseParameterReference(given ?? '');
  const record = findOwnParameter(context, name);
  if (record !== undefined) return record;
  throw parameterNotFound(given);
}

export function findOwnParameter({ world, region }: RequestContext, name: string): ParameterRecord | undefined {
  return world.parameters.find(`${region}:${name}`);
}

export function listOwnParameters({ world, region }: RequestContext): readonly ParameterRecord[] {
  return world.parameters.list().filter((parameter) => parameter.region === region);
}

/** Every version that is kept, oldest first. */
export function listVersions(record: ParameterRecord): readonly ParameterVersion[] {
  return [...(record.history ?? []), record];
}

export function viewParameter(
  { name, version, selector }: FoundParameter,
  context: RequestContext,
  isDecrypted: boolean | undefined,
): Parameter {
  return {
    Name: name,
    Type: version.type,
    Value: viewValue(name, version, isDecrypted),
    Version: version.version,
    ...(selector === undefined ? {} : { Selector: selector }),
    LastModifiedDate: new Date(version.modifiedAt),
    ARN: formatParameterArn(context, name),
    DataType: version.dataType,
  };
}

/** What a reader sees: of a secret, only something that is as long-winded as a ciphertext. */
export function viewValue(name: string, { type, value, version }: ParameterVersion, isDecrypted?: boolean): string {
  if (type !== 'SecureString' || isDecrypted === true) return value;
  return Buffer.from(`encrypted:${name}:${version}`).toString('base64');
}

export function parameterNotFound(name: string | undefined): AwsError {
  return new AwsError('ParameterNotFound', `Parameter ${name ?? ''} not found.`);
}

async function findPublicParameter(context: RequestContext, name: string): Promise<ParameterRecord | undefined> {
  return (await listPublicParameters(context)).find((each) => each.name === name);
}
