import {
  type ConfigurationOptionSetting,
  CreatePlatformVersion$,
  type CreatePlatformVersionRequest,
  type CreatePlatformVersionResult,
  DeletePlatformVersion$,
  type DeletePlatformVersionRequest,
  type DeletePlatformVersionResult,
  DescribePlatformVersion$,
  type DescribePlatformVersionRequest,
  type DescribePlatformVersionResult,
  ListAvailableSolutionStacks$,
  type ListAvailableSolutionStacksResultMessage,
  ListPlatformBranches$,
  type ListPlatformBranchesRequest,
  type ListPlatformBranchesResult,
  ListPlatformVersions$,
  type ListPlatformVersionsRequest,
  type ListPlatformVersionsResult,
} from '@aws-sdk/client-elastic-beanstalk';
import { cutPage } from '../ec2/pages.js';
import { readTags } from '../ec2/tags.js';
import { done, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation, type OperationSchema } from '../wire/operation.js';
import type { RequestContext } from '../world/services.js';
import { buildPlatform } from './build-platform.js';
import { deletePlatform } from './delete-platform.js';
import { recordEvent } from './events.js';
import { formatPlatformArn } from './platform-arn.js';
import { filterPlatforms } from './platform-filters.js';
import { getPlatform, viewPlatform, viewPlatformSummary } from './platform-view.js';

// The EB CLI sends a parameter that no published model of the service has, to have the AMI removed too; here it always is.
const STRUCTURE = 3;
const STRING = 0;
const BOOLEAN = 2;
const DELETE_WITH_RESOURCES: OperationSchema = [
  DeletePlatformVersion$[0],
  DeletePlatformVersion$[1],
  DeletePlatformVersion$[2],
  DeletePlatformVersion$[3],
  [
    STRUCTURE,
    DeletePlatformVersion$[1],
    'DeletePlatformVersionRequest',
    0,
    ['PlatformArn', 'DeleteResources'],
    [STRING, BOOLEAN],
  ],
  DeletePlatformVersion$[5],
];

const NO_BUILDER = 'packer runs on the machine of the sandbox: there is no builder environment';
const NO_BRANCHES = 'there are no platform branches';

export const platformVersionOperations = [
  defineOperation(CreatePlatformVersion$, createPlatformVersion, {
    PlatformName: done,
    PlatformVersion: done,
    PlatformDefinitionBundle: { S3Bucket: done, S3Key: done },
    EnvironmentName: withoutEffect(NO_BUILDER),
    OptionSettings: withoutEffect(`${NO_BUILDER}; AllowLocalCommands of buildimg:sandbox alone is read`),
    Tags: { Key: done, Value: done },
  }),
  defineOperation(DescribePlatformVersion$, describePlatformVersion, { PlatformArn: done }),
  defineOperation(ListPlatformVersions$, listPlatformVersions, {
    Filters: { Type: done, Operator: done, Values: done },
    MaxRecords: done,
    NextToken: done,
  }),
  defineOperation(DELETE_WITH_RESOURCES, deletePlatformVersion, {
    PlatformArn: done,
    DeleteResources: withoutEffect('the AMI and its snapshots always go as well'),
  }),
  // AWS's own platforms are not in a sandbox, so there are no branches and no solution stacks.
  defineOperation(
    ListPlatformBranches$,
    (_input: ListPlatformBranchesRequest): ListPlatformBranchesResult => ({ PlatformBranchSummaryList: [] }),
    {
      Filters: withoutEffect(NO_BRANCHES),
      MaxRecords: withoutEffect(NO_BRANCHES),
      NextToken: withoutEffect(NO_BRANCHES),
    },
  ),
  defineOperation(
    ListAvailableSolutionStacks$,
    (_input: object): ListAvailableSolutionStacksResultMessage => ({ SolutionStacks: [], SolutionStackDetails: [] }),
    {},
  ),
];

// AWS's model has no pattern for either; these are the EB CLI's (ebcli/resources/regex.py).
const PLATFORM_NAME = /^[^:/]{1,100}$/;
const PLATFORM_VERSION = /^\d+\.\d+\.\d+$/;

function createPlatformVersion(
  input: CreatePlatformVersionRequest,
  context: RequestContext,
): CreatePlatformVersionResult {
  const { PlatformName: name = '', PlatformVersion: version = '' } = input;
  const bundle = {
    bucket: input.PlatformDefinitionBundle?.S3Bucket ?? '',
    key: input.PlatformDefinitionBundle?.S3Key ?? '',
  };
  if (!PLATFORM_NAME.test(name)) throw refuse(`Invalid platform name: '${name}'.`);
  if (!PLATFORM_VERSION.test(version)) throw refuse(`Invalid platform version: '${version}'.`);
  const { world, region, clock, requestId } = context;
  const arn = formatPlatformArn({ region, name, version }, context.accountId);
  if (world.platformVersions.find(arn) !== undefined) {
    throw refuse(`Platform version '${name}/${version}' already exists.`);
  }
  if (world.objects.find(`${bundle.bucket}/${bundle.key}`) === undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      `Unable to download from S3 location (Bucket: ${bundle.bucket}  Key: ${bundle.key}). Reason: Not Found`,
    );
  }
  const now = clock.now().toISOString();
  const platform = world.platformVersions.put({
    id: arn,
    region,
    name,
    version,
    status: 'Creating',
    createdAt: now,
    updatedAt: now,
    bundle,
    allowsLocalCommands: (input.OptionSettings ?? []).some(isLocalPermission),
    tags: readTags((input.Tags ?? []).map(({ Key, Value }) => ({ Key, Value }))),
    definition: undefined,
    imageId: undefined,
    loginUser: undefined,
    failure: undefined,
  });
  const subject = { region, requestId, platformArn: arn };
  recordEvent(context, subject, { message: `Initiated platform version creation for '${name}/${version}'.` });
  context.runJob(`create platform ${name}/${version}`, () => buildPlatform(context, platform, subject));
  return { PlatformSummary: viewPlatformSummary(platform, context.accountId) };
}

/** What \`platform create --sandbox --allow-local-commands\` sends; no option of AWS. */
function isLocalPermission({ Namespace, OptionName, Value }: ConfigurationOptionSetting): boolean {
  return Namespace === 'buildimg:sandbox' && OptionName === 'AllowLocalCommands' && Value === 'true';
}

function describePlatformVersion(
  { PlatformArn: arn = '' }: DescribePlatformVersionRequest,
  context: RequestContext,
): DescribePlatformVersionResult {
  return { PlatformDescription: viewPlatform(getPlatform(context, arn), context.accountId) };
}

function listPlatformVersions(input: ListPlatformVersionsRequest, context: RequestContext): ListPlatformVersionsResult {
  const own = context.world.platformVersions.list().filter(({ region }) => region === context.region);
  const found = filterPlatforms(own, input.Filters ?? []);
  const page = cutPage(found, { MaxResults: input.MaxRecords, NextToken: input.NextToken });
  return {
    PlatformSummaryList: page.items.map((platform) => viewPlatformSummary(platform, context.accountId)),
    NextToken: page.NextToken,
  };
}

function deletePlatformVersion(
  { PlatformArn: arn = '' }: DeletePlatformVersionRequest & { readonly DeleteResources?: boolean },
  context: RequestContext,
): DeletePlatformVersionResult {
  const platform = getPlatform(context, arn);
  const label = `${platform.name}/${platform.version}`;
  if (platform.status === 'Creating' || platform.status === 'Deleting') {
    throw new AwsError('OperationInProgressFailure', `Platform version '${label}' is being changed already.`);
  }
  const user = context.world.environments
    .list()
    .find(({ platformArn, status }) => platformArn === arn && status !== 'Terminated');
  if (user !== undefined) {
    throw new AwsError(
      'PlatformVersionStillReferencedException',
      `Platform version '${label}' is used by environment '${user.name}'.`,
    );
  }
  const deleting = { ...platform, status: 'Deleting' as const };
  context.world.platformVersions.put(deleting);
  const subject = { region: context.region, requestId: context.requestId, platformArn: arn };
  recordEvent(context, subject, { message: `Initiated platform version deletion for '${label}'.` });
  context.runJob(`delete platform ${label}`, () => deletePlatform(context, deleting, subject));
  return { PlatformSummary: viewPlatformSummary(deleting, context.accountId) };
}

function refuse(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
