import type { ParameterStringFilter } from '@aws-sdk/client-ssm';
import { AwsError } from '../wire/aws-error.js';
import type { ParameterRecord } from '../world/records.js';

const FIELDS: Readonly<Record<string, (parameter: ParameterRecord) => readonly string[]>> = {
  Name: ({ name }) => [name],
  Type: ({ type }) => [type],
  DataType: ({ dataType }) => [dataType],
  Tier: ({ tier = 'Standard' }) => [tier],
  Label: ({ labels = [] }) => labels,
};

/**
 * Whether a parameter passes every filter. Options are Equals, BeginsWith and Contains, and for the key Path Recursive
 * and OneLevel.
 *
 * @throws AwsError InvalidFilterKey, InvalidFilterOption
 */
export function matchesParameterFilters(
  parameter: ParameterRecord,
  filters: readonly ParameterStringFilter[] | undefined,
): boolean {
  return (filters ?? []).every(({ Key: key = '', Option: option, Values: values = [] }) => {
    if (key === 'Path') return values.some((path) => isBelow(parameter.name, path, option ?? 'OneLevel'));
    if (key.startsWith('tag:')) {
      const value = parameter.tags?.[key.slice(4)];
      return value !== undefined && (values.length === 0 || values.includes(value));
    }
    const field = Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
    if (field === undefined) throw new AwsError('InvalidFilterKey', `The filter key ${key} is not valid.`);
    return field(parameter).some((given) => values.some((value) => compare(given, value, option ?? 'Equals')));
  });
}

function compare(given: string, value: string, option: string): boolean {
  if (option === 'Equals') return given === value;
  if (option === 'BeginsWith') return given.startsWith(value);
  if (option === 'Contains') return given.includes(value);
  throw new AwsError('InvalidFilterOption', `The filter option ${option} is not valid.`);
}

function isBelow(name: string, path: string, option: string): boolean {
  if (option !== 'Recursive' && option !== 'OneLevel') {
    throw new AwsError(
      'InvalidFilterOption',
      `The filter option ${option} is not valid. Valid options are Recursive and OneLevel.`,
    );
  }
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return name.startsWith(prefix) && (option === 'Recursive' || !name.slice(prefix.length).includes('/'));
}
