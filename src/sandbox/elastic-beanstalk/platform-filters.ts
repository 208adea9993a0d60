import type { PlatformFilter } from '@aws-sdk/client-elastic-beanstalk';
import { AwsError } from '../wire/aws-error.js';
import type { PlatformVersionRecord } from '../world/service-records.js';
import { compareVersions } from './platform-arn.js';

type Property = (platform: PlatformVersionRecord) => string;

// https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_PlatformFilter.html
const PROPERTIES: ReadonlyMap<string, Property> = new Map<string, Property>([
  ['PlatformName', ({ name }) => name],
  ['PlatformVersion', ({ version }) => version],
  ['PlatformStatus', ({ status }) => status],
  ['PlatformOwner', () => 'self'],
  ['PlatformLifecycleState', () => ''],
  ['PlatformBranchName', () => ''],
  ['PlatformBranchLifecycleState', () => ''],
  ['SupportedTier', () => 'WebServer/Standard'],
  ['SupportedAddon', () => ''],
  ['ProgrammingLanguageName', ({ definition }) => definition?.metadata['programming_language_name'] ?? ''],
  ['OperatingSystemName', ({ definition }) => definition?.metadata['operating_system_name'] ?? ''],
]);

type Comparison = (value: string, given: string) => boolean;

const OPERATORS: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ['=', (value, given) => value === given],
  ['!=', (value, given) => value !== given],
  ['contains', (value, given) => value.includes(given)],
  ['begins_with', (value, given) => value.startsWith(given)],
  ['ends_with', (value, given) => value.endsWith(given)],
  ['<', (value, given) => compareVersions(value, given) < 0],
  ['<=', (value, given) => compareVersions(value, given) <= 0],
  ['>', (value, given) => compareVersions(value, given) > 0],
  ['>=', (value, given) => compareVersions(value, given) >= 0],
]);

/**
 * The platform versions that all filters let through, newest first. `PlatformVersion = latest` leaves the newest of each
 * name, whatever its status.
 *
 * @throws AwsError InvalidParameterValue
 */
export function filterPlatforms(
  platforms: readonly PlatformVersionRecord[],
  filters: readonly PlatformFilter[],
): readonly PlatformVersionRecord[] {
  const sorted = platforms.toSorted(
    (one, other) => one.name.localeCompare(other.name) || compareVersions(other.version, one.version),
  );
  return filters.reduce<readonly PlatformVersionRecord[]>((left, filter) => applyFilter(left, filter), sorted);
}

function applyFilter(
  platforms: readonly PlatformVersionRecord[],
  { Type: type = '', Operator: operator = '=', Values: values = [] }: PlatformFilter,
): readonly PlatformVersionRecord[] {
  const property = PROPERTIES.get(type);
  const compare = operator === 'in' || operator === 'not_in' ? OPERATORS.get('=') : OPERATORS.get(operator);
  if (property === undefined) throw refuse(`Invalid filter type '${type}'.`);
  if (compare === undefined) throw refuse(`Invalid operator '${operator}' of filter '${type}'.`);
  if (type === 'PlatformVersion' && values.includes('latest')) {
    return platforms.filter(({ name }, index) => platforms[index - 1]?.name !== name);
  }
  return platforms.filter((platform) => {
    const value = property(platform);
    const isMatch =
      operator === '!='
        ? values.every((given) => compare(value, given))
        : values.some((given) => compare(value, given));
    return operator === 'not_in' ? !isMatch : isMatch;
  });
}

function refuse(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
