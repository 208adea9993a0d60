import type { PlatformDescription, PlatformSummary } from '@aws-sdk/client-elastic-beanstalk';
import { AwsError } from '../wire/aws-error.js';
import type { PlatformVersionRecord } from '../world/service-records.js';
import type { RequestContext } from '../world/services.js';

/** @throws AwsError InvalidParameterValue */
export function getPlatform({ world, region }: RequestContext, arn: string): PlatformVersionRecord {
  const platform = world.platformVersions.find(arn);
  if (platform?.region === region) return platform;
  throw new AwsError('InvalidParameterValue', `No Platform named '${arn}' found.`);
}

export function viewPlatformSummary(platform: PlatformVersionRecord, accountId: string): PlatformSummary {
  const { operating_system_name: osName, operating_system_version: osVersion } = platform.definition?.metadata ?? {};
  return {
    PlatformArn: platform.id,
    PlatformOwner: accountId,
    PlatformStatus: platform.status,
    PlatformCategory: 'custom',
    OperatingSystemName: osName,
    OperatingSystemVersion: osVersion,
    SupportedTierList: ['WebServer/Standard'],
    SupportedAddonList: [],
    PlatformVersion: platform.version,
  };
}

export function viewPlatform(platform: PlatformVersionRecord, accountId: string): PlatformDescription {
  const metadata = platform.definition?.metadata ?? {};
  const { programming_language_name: language, framework_name: framework } = metadata;
  return {
    ...viewPlatformSummary(platform, accountId),
    PlatformName: platform.name,
    DateCreated: new Date(platform.createdAt),
    DateUpdated: new Date(platform.updatedAt),
    Description: metadata['description'],
    Maintainer: metadata['maintainer'],
    ProgrammingLanguages:
      language === undefined ? [] : [{ Name: language, Version: metadata['programming_language_version'] }],
    Frameworks: framework === undefined ? [] : [{ Name: framework, Version: metadata['framework_version'] }],
    CustomAmiList: platform.imageId === undefined ? [] : [{ VirtualizationType: 'hvm', ImageId: platform.imageId }],
  };
}
