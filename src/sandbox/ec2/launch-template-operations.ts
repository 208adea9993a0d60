import {
  CreateLaunchTemplate$,
  type CreateLaunchTemplateRequest,
  type CreateLaunchTemplateResult,
  DeleteLaunchTemplate$,
  type DeleteLaunchTemplateRequest,
  type DeleteLaunchTemplateResult,
  DescribeLaunchTemplates$,
  type DescribeLaunchTemplatesRequest,
  type DescribeLaunchTemplatesResult,
  type LaunchTemplate,
  ModifyLaunchTemplate$,
  type ModifyLaunchTemplateRequest,
  type ModifyLaunchTemplateResult,
} from '@aws-sdk/client-ec2';
import { done, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import { createId } from '../world/ids.js';
import type { LaunchTemplateRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { applyFilters } from './filters.js';
import { assertKnownVersion, getLaunchTemplate, readTemplateData } from './launch-template-requests.js';
import { LISTED, NO_MANAGED_RESOURCES, tagsOf } from './members.js';
import { cutPage } from './pages.js';
import { assertNotDryRun, findRepeated, rememberToken } from './requests.js';
import { readTagSpecifications, viewTags } from './tags.js';

export const launchTemplateOperations = [
  defineOperation(CreateLaunchTemplate$, createLaunchTemplate, {
    LaunchTemplateName: done,
    LaunchTemplateData: done,
    VersionDescription: done,
    ClientToken: done,
    TagSpecifications: tagsOf(['launch-template']),
  }),
  defineOperation(DescribeLaunchTemplates$, describeLaunchTemplates, {
    ...LISTED,
    LaunchTemplateIds: done,
    LaunchTemplateNames: done,
    IncludeManagedResources: NO_MANAGED_RESOURCES,
  }),
  defineOperation(ModifyLaunchTemplate$, modifyLaunchTemplate, {
    LaunchTemplateId: done,
    LaunchTemplateName: done,
    DefaultVersion: done,
    ClientToken: withoutEffect('to choose the same version twice is to choose it once'),
  }),
  defineOperation(DeleteLaunchTemplate$, deleteLaunchTemplate, { LaunchTemplateId: done, LaunchTemplateName: done }),
];

function createLaunchTemplate(input: CreateLaunchTemplateRequest, context: RequestContext): CreateLaunchTemplateResult {
  const { world, region, clock } = context;
  const repeated = findRepeated(context, 'CreateLaunchTemplate', input)?.map((id) => world.launchTemplates.find(id));
  if (repeated?.[0] !== undefined) return { LaunchTemplate: viewLaunchTemplate(context, repeated[0]) };
  const name = input.LaunchTemplateName ?? '';
  if (!/^[A-Za-z0-9().\-/_]{3,128}$/.test(name)) {
    throw new AwsError('InvalidLaunchTemplateName.MalformedException', `The launch template name "${name}" is invalid`);
  }
  if (world.launchTemplates.list().some((each) => each.region === region && each.name === name)) {
    throw new AwsError('InvalidLaunchTemplateName.AlreadyExistsException', 'Launch template name already in use.');
  }
  const tags = readTagSpecifications(input.TagSpecifications, 'launch-template');
  const data = readTemplateData(input.LaunchTemplateData);
  assertNotDryRun(input.DryRun);
  const createdAt = clock.now().toISOString();
  const template = world.launchTemplates.put({
    id: createId('lt'),
    region,
    tags,
    name,
    createdAt,
    defaultVersion: 1,
    versions: [{ number: 1, description: input.VersionDescription, createdAt, data }],
  });
  rememberToken(context, 'CreateLaunchTemplate', input, [template.id]);
  return { LaunchTemplate: viewLaunchTemplate(context, template) };
}

function describeLaunchTemplates(
  input: DescribeLaunchTemplatesRequest,
  context: RequestContext,
): DescribeLaunchTemplatesResult {
  const { LaunchTemplateIds: ids = [], LaunchTemplateNames: names = [] } = input;
  const asked = [
    ...ids.map((id) => getLaunchTemplate(context, { LaunchTemplateId: id })),
    ...names.map((name) => getLaunchTemplate(context, { LaunchTemplateName: name })),
  ];
  const all = context.world.launchTemplates.list().filter(({ region }) => region === context.region);
  const matching = applyFilters(asked.length > 0 ? asked : all, input.Filters, {
    'launch-template-name': ({ name }) => [name],
    'create-time': ({ createdAt }) => [createdAt],
  });
  const page = cutPage(matching, input);
  return {
    NextToken: page.NextToken,
    LaunchTemplates: page.items.map((template) => viewLaunchTemplate(context, template)),
  };
}

/** Chooses the default version, which is all that can be changed. */
function modifyLaunchTemplate(input: ModifyLaunchTemplateRequest, context: RequestContext): ModifyLaunchTemplateResult {
  const template = getLaunchTemplate(context, input);
  const defaultVersion = Number(input.DefaultVersion);
  assertKnownVersion(template, defaultVersion);
  assertNotDryRun(input.DryRun);
  const modified = context.world.launchTemplates.put({ ...template, defaultVersion });
  return { LaunchTemplate: viewLaunchTemplate(context, modified) };
}

function deleteLaunchTemplate(input: DeleteLaunchTemplateRequest, context: RequestContext): DeleteLaunchTemplateResult {
  const template = getLaunchTemplate(context, input);
  assertNotDryRun(input.DryRun);
  context.world.launchTemplates.remove(template.id);
  return { LaunchTemplate: viewLaunchTemplate(context, template) };
}

function viewLaunchTemplate({ accountId }: RequestContext, template: LaunchTemplateRecord): LaunchTemplate {
  const { id, name, createdAt, defaultVersion, versions, tags } = template;
  return {
    LaunchTemplateId: id,
    LaunchTemplateName: name,
    CreateTime: new Date(createdAt),
    CreatedBy: `arn:aws:iam::${accountId}:root`,
    DefaultVersionNumber: defaultVersion,
    LatestVersionNumber: versions.at(-1)?.number,
    Tags: viewTags(tags),
  };
}
