import {
  CreateLaunchTemplateVersion$,
  type CreateLaunchTemplateVersionRequest,
  type CreateLaunchTemplateVersionResult,
  DescribeLaunchTemplateVersions$,
  type DescribeLaunchTemplateVersionsRequest,
  type DescribeLaunchTemplateVersionsResult,
  type LaunchTemplateVersion,
} from '@aws-sdk/client-ec2';
import { done } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { LaunchTemplateRecord, LaunchTemplateVersionRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { applyFilters } from './filters.js';
import { assertKnownVersion, getLaunchTemplate, readTemplateData } from './launch-template-requests.js';
import { LISTED, NO_MANAGED_RESOURCES } from './members.js';
import { cutPage } from './pages.js';
import { assertNotDryRun, findRepeated, rememberToken } from './requests.js';

export const launchTemplateVersionOperations = [
  defineOperation(CreateLaunchTemplateVersion$, createVersion, {
    LaunchTemplateId: done,
    LaunchTemplateName: done,
    LaunchTemplateData: done,
    SourceVersion: done,
    VersionDescription: done,
    ClientToken: done,
    ResolveAlias: done,
  }),
  defineOperation(DescribeLaunchTemplateVersions$, describeVersions, {
    ...LISTED,
    LaunchTemplateId: done,
    LaunchTemplateName: done,
    Versions: done,
    MinVersion: done,
    MaxVersion: done,
    ResolveAlias: done,
    IncludeManagedResources: NO_MANAGED_RESOURCES,
  }),
];

function createVersion(
  input: CreateLaunchTemplateVersionRequest,
  context: RequestContext,
): CreateLaunchTemplateVersionResult {
  const template = getLaunchTemplate(context, input);
  const repeated = findRepeated(context, 'CreateLaunchTemplateVersion', input)?.[0];
  const earlier = template.versions.find(({ number }) => String(number) === repeated);
  if (earlier !== undefined) return { LaunchTemplateVersion: viewVersion(context, { template, version: earlier }) };
  const base = input.SourceVersion === undefined ? undefined : findVersion(template, input.SourceVersion);
  const data = { ...base?.data, ...readTemplateData(input.LaunchTemplateData) };
  assertNotDryRun(input.DryRun);
  const version: LaunchTemplateVersionRecord = {
    number: (template.versions.at(-1)?.number ?? 0) + 1,
    description: input.VersionDescription,
    createdAt: context.clock.now().toISOString(),
    data,
  };
  const changed = context.world.launchTemplates.put({ ...template, versions: [...template.versions, version] });
  rememberToken(context, 'CreateLaunchTemplateVersion', input, [String(version.number)]);
  const isResolved = input.ResolveAlias === true;
  return { LaunchTemplateVersion: viewVersion(context, { template: changed, version }, isResolved) };
}

interface Found {
  readonly template: LaunchTemplateRecord;
  readonly version: LaunchTemplateVersionRecord;
}

/** Without a template only `$Latest` and `$Default` may be asked for, and are answered for every template. */
function describeVersions(
  input: DescribeLaunchTemplateVersionsRequest,
  context: RequestContext,
): DescribeLaunchTemplateVersionsResult {
  const { Versions: wanted = [] } = input;
  const isNamed = input.LaunchTemplateId !== undefined || input.LaunchTemplateName !== undefined;
  if (!isNamed && (wanted.length === 0 || wanted.some((version) => !version.startsWith('$')))) {
    throw new AwsError(
      'MissingParameter',
      'Without a launch template, only the versions $Latest and $Default can be described',
    );
  }
  const templates = isNamed
    ? [getLaunchTemplate(context, input)]
    : context.world.launchTemplates.list().filter(({ region }) => region === context.region);
  const found = templates.flatMap((template): readonly Found[] => {
    const versions = wanted.length === 0 ? template.versions : wanted.map((name) => findVersion(template, name));
    return [...new Set(versions)]
      .filter((version) => isWithin(version, input))
      .map((version) => ({ template, version }));
  });
  const matching = applyFilters(found, input.Filters, {
    'image-id': ({ version }) => [readImageId(version)],
    'instance-type': ({ version }) => [readText(version, 'InstanceType')],
    'is-default-version': ({ template, version }) => [String(version.number === template.defaultVersion)],
  });
  const page = cutPage(matching, input);
  return {
    NextToken: page.NextToken,
    LaunchTemplateVersions: page.items.map((each) => viewVersion(context, each, input.ResolveAlias === true)),
  };
}

function isWithin(
  { number }: LaunchTemplateVersionRecord,
  { MinVersion: least, MaxVersion: most }: DescribeLaunchTemplateVersionsRequest,
): boolean {
  return number >= Number(least ?? 1) && number <= Number(most ?? number);
}

function findVersion(template: LaunchTemplateRecord, name: string): LaunchTemplateVersionRecord {
  const numbers = { $Latest: template.versions.at(-1)?.number, $Default: template.defaultVersion };
  const number = name === '$Latest' || name === '$Default' ? (numbers[name] ?? 0) : Number(name);
  assertKnownVersion(template, number);
  return template.versions.find((version) => version.number === number) as LaunchTemplateVersionRecord;
}

function viewVersion(context: RequestContext, { template, version }: Found, isResolved = false): LaunchTemplateVersion {
  const imageId = readImageId(version);
  const resolved = isResolved ? resolveAlias(context, imageId) : imageId;
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: version.number,
    VersionDescription: version.description,
    CreateTime: new Date(version.createdAt),
    CreatedBy: `arn:aws:iam::${context.accountId}:root`,
    DefaultVersion: version.number === template.defaultVersion,
    LaunchTemplateData: { ...version.data, ...(resolved === undefined ? {} : { ImageId: resolved }) },
  };
}

/** `resolve:ssm:NAME` stands for what the parameter holds now. */
function resolveAlias({ world, region }: RequestContext, imageId: string | undefined): string | undefined {
  const [, name] = /^resolve:ssm:([^:]+)/.exec(imageId ?? '') ?? [];
  if (name === undefined) return imageId;
  const parameter = world.parameters.find(`${region}:${name}`);
  if (parameter !== undefined) return parameter.value;
  throw new AwsError('InvalidParameterValue', `The parameter ${name} of a launch template does not exist`);
}

function readImageId(version: LaunchTemplateVersionRecord): string | undefined {
  return readText(version, 'ImageId');
}

function readText({ data }: LaunchTemplateVersionRecord, member: string): string | undefined {
  const value = data[member];
  return typeof value === 'string' ? value : undefined;
}
