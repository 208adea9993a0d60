import { randomBytes } from 'node:crypto';
import {
  type ConfigurationOptionSetting,
  CreateEnvironment$,
  type CreateEnvironmentMessage,
  DescribeEnvironmentResources$,
  type DescribeEnvironmentResourcesMessage,
  DescribeEnvironments$,
  type DescribeEnvironmentsMessage,
  type EnvironmentDescription,
  type EnvironmentDescriptionsMessage,
  type EnvironmentResourceDescriptionsMessage,
  TerminateEnvironment$,
  type TerminateEnvironmentMessage,
  UpdateEnvironment$,
  type UpdateEnvironmentMessage,
} from '@aws-sdk/client-elastic-beanstalk';
import { cutPage } from '../ec2/pages.js';
import { readTags } from '../ec2/tags.js';
import { done, oneOf, refused, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { EnvironmentRecord, OptionSetting } from '../world/service-records.js';
import type { RequestContext } from '../world/services.js';
import { findApplication } from './application-operations.js';
import { launchEnvironment, terminateEnvironment, updateEnvironment } from './environment-jobs.js';
import { getEnvironment, listLiving } from './get-environment.js';
import { assertOptionSettings } from './option-settings.js';
import { getPlatform } from './platform-view.js';

const TIER = { Name: oneOf(['WebServer']), Type: oneOf(['Standard']), Version: oneOf(['1.0']) } as const;
const NO_STACK = refused('InvalidParameterValue', 'The sandbox has custom platforms only: name one by PlatformArn.');

export const environmentOperations = [
  defineOperation(CreateEnvironment$, create, {
    ApplicationName: done,
    EnvironmentName: done,
    Description: done,
    CNAMEPrefix: withoutEffect('there is no name server: EndpointURL has the address'),
    Tier: TIER,
    Tags: { Key: done, Value: done },
    VersionLabel: done,
    SolutionStackName: NO_STACK,
    PlatformArn: done,
    OptionSettings: { Namespace: done, OptionName: done, Value: done },
  }),
  defineOperation(UpdateEnvironment$, update, {
    ApplicationName: done,
    EnvironmentId: done,
    EnvironmentName: done,
    Description: done,
    Tier: TIER,
    VersionLabel: done,
    SolutionStackName: NO_STACK,
    PlatformArn: done,
    OptionSettings: { Namespace: done, OptionName: done, Value: done },
    OptionsToRemove: { Namespace: done, OptionName: done },
  }),
  defineOperation(TerminateEnvironment$, terminate, {
    EnvironmentId: done,
    EnvironmentName: done,
    TerminateResources: oneOf([true]),
    ForceTerminate: withoutEffect('nothing keeps an environment from being terminated'),
  }),
  defineOperation(DescribeEnvironments$, describeEnvironments, {
    ApplicationName: done,
    VersionLabel: done,
    EnvironmentIds: done,
    EnvironmentNames: done,
    IncludeDeleted: done,
    IncludedDeletedBackTo: done,
    MaxRecords: done,
    NextToken: done,
  }),
  defineOperation(DescribeEnvironmentResources$, describeResources, { EnvironmentId: done, EnvironmentName: done }),
];

function create(input: CreateEnvironmentMessage, context: RequestContext): EnvironmentDescription {
  const { ApplicationName: application = '', EnvironmentName: name = '' } = input;
  const { world, region, clock } = context;
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]$/.test(name)) {
    throw refuse(
      `Value ${name} at 'EnvironmentName' failed to satisfy constraint: 4 to 40 letters, digits and hyphens`,
    );
  }
  if (listLiving(context).some((each) => each.name === name)) throw refuse(`Environment ${name} already exists.`);
  if (findApplication(context, application) === undefined) throw refuse(`No Application named '${application}' found.`);
  if (input.PlatformArn === undefined) throw refuse('The sandbox has custom platforms only: name one by PlatformArn.');
  const platform = getPlatform(context, input.PlatformArn);
  if (platform.status !== 'Ready') throw refuse(`Platform '${platform.id}' is ${platform.status}, not Ready.`);
  assertVersion(context, application, input.VersionLabel);
  assertOptionSettings(input.OptionSettings, { platform, isLaunched: false });
  const now = clock.now().toISOString();
  const environment = world.environments.put({
    id: `e-${[...randomBytes(10)].map((byte) => (byte % 36).toString(36)).join('')}`,
    region,
    name,
    application,
    description: input.Description,
    tags: readTags((input.Tags ?? []).map(({ Key, Value }) => ({ Key, Value }))),
    platformArn: platform.id,
    versionLabel: undefined,
    optionSettings: changeSettings([], input.OptionSettings),
    status: 'Launching',
    health: 'Grey',
    createdAt: now,
    updatedAt: now,
    instanceId: undefined,
    url: undefined,
  });
  const subject = subjectOf(environment, context);
  context.runJob(`launch ${name}`, () =>
    launchEnvironment(context, environment.id, { subject, versionLabel: input.VersionLabel }),
  );
  return viewEnvironment(environment);
}

function update(input: UpdateEnvironmentMessage, context: RequestContext): EnvironmentDescription {
  const environment = getEnvironment(context, input);
  if (input.ApplicationName !== undefined && input.ApplicationName !== environment.application) {
    throw refuse(`No Environment found for EnvironmentName = '${environment.name}' in '${input.ApplicationName}'.`);
  }
  if (environment.status !== 'Ready') {
    throw refuse(`Environment named ${environment.name} is in an invalid state for this operation. Must be Ready.`);
  }
  if (input.PlatformArn !== undefined && input.PlatformArn !== environment.platformArn) {
    throw refuse('The sandbox cannot change the platform of an environment: create another one.');
  }
  assertVersion(context, environment.application, input.VersionLabel);
  const platform = getPlatform(context, environment.platformArn);
  assertOptionSettings(input.OptionSettings, { platform, isLaunched: true });
  const removed = new Set(
    (input.OptionsToRemove ?? []).map(({ Namespace, OptionName }) => `${Namespace} ${OptionName}`),
  );
  const kept = environment.optionSettings.filter(({ namespace, name }) => !removed.has(`${namespace} ${name}`));
  const updating: EnvironmentRecord = {
    ...environment,
    description: input.Description ?? environment.description,
    status: 'Updating',
    optionSettings: changeSettings(kept, input.OptionSettings),
    updatedAt: context.clock.now().toISOString(),
  };
  context.world.environments.put(updating);
  const subject = subjectOf(environment, context);
  const isReconfigured = (input.OptionSettings?.length ?? 0) + removed.size > 0;
  context.runJob(`update ${environment.name}`, () =>
    updateEnvironment(context, environment.id, { subject, versionLabel: input.VersionLabel, isReconfigured }),
  );
  return viewEnvironment(updating);
}

function terminate(input: TerminateEnvironmentMessage, context: RequestContext): EnvironmentDescription {
  const environment = getEnvironment(context, input);
  const terminating = { ...environment, status: 'Terminating' as const };
  context.world.environments.put(terminating);
  const subject = subjectOf(environment, context);
  context.runJob(`terminate ${environment.name}`, () => terminateEnvironment(context, environment.id, subject));
  return viewEnvironment(terminating);
}

function describeEnvironments(
  input: DescribeEnvironmentsMessage,
  context: RequestContext,
): EnvironmentDescriptionsMessage {
  const { world, region } = context;
  const all = input.IncludeDeleted === true ? world.environments.list() : listLiving(context);
  const found = all.filter(
    (environment) =>
      environment.region === region &&
      (environment.status !== 'Terminated' || isDeletedSince(environment, input.IncludedDeletedBackTo)) &&
      (input.ApplicationName === undefined || environment.application === input.ApplicationName) &&
      (input.VersionLabel === undefined || environment.versionLabel === input.VersionLabel) &&
      (input.EnvironmentIds?.includes(environment.id) ?? true) &&
      (input.EnvironmentNames?.includes(environment.name) ?? true),
  );
  const page = cutPage(found, { MaxResults: input.MaxRecords, NextToken: input.NextToken });
  return { Environments: page.items.map(viewEnvironment), NextToken: page.NextToken };
}

function isDeletedSince({ updatedAt }: EnvironmentRecord, since: Date | undefined): boolean {
  return since === undefined || Date.parse(updatedAt) >= since.getTime();
}

function describeResources(
  input: DescribeEnvironmentResourcesMessage,
  context: RequestContext,
): EnvironmentResourceDescriptionsMessage {
  const { name, instanceId } = getEnvironment(context, input);
  const Instances = instanceId === undefined ? [] : [{ Id: instanceId }];
  return {
    EnvironmentResources: {
      EnvironmentName: name,
      Instances,
      AutoScalingGroups: [],
      LaunchConfigurations: [],
      LaunchTemplates: [],
      LoadBalancers: [],
      Triggers: [],
      Queues: [],
    },
  };
}

function assertVersion({ world, region }: RequestContext, application: string, label: string | undefined): void {
  if (label === undefined || world.applicationVersions.find(`${region}:${application}:${label}`) !== undefined) return;
  throw refuse(`No Application Version named '${label}' found.`);
}

function changeSettings(
  former: readonly OptionSetting[],
  given: readonly ConfigurationOptionSetting[] = [],
): readonly OptionSetting[] {
  const settings = new Map(former.map((setting) => [`${setting.namespace} ${setting.name}`, setting]));
  for (const { Namespace: namespace = '', OptionName: name = '', Value: value = '' } of given) {
    settings.set(`${namespace} ${name}`, { namespace, name, value });
  }
  return [...settings.values()];
}

function subjectOf({ application, name, region }: EnvironmentRecord, { requestId }: RequestContext) {
  return { region, requestId, applicationName: application, environmentName: name };
}

function viewEnvironment(environment: EnvironmentRecord): EnvironmentDescription {
  return {
    EnvironmentName: environment.name,
    EnvironmentId: environment.id,
    Description: environment.description,
    ApplicationName: environment.application,
    VersionLabel: environment.versionLabel,
    PlatformArn: environment.platformArn,
    SolutionStackName: '',
    EndpointURL: environment.url,
    CNAME: environment.url?.replace(/^http:\/\//, ''),
    DateCreated: new Date(environment.createdAt),
    DateUpdated: new Date(environment.updatedAt),
    Status: environment.status,
    AbortableOperationInProgress: false,
    Health: environment.health,
    Tier: { Name: 'WebServer', Type: 'Standard', Version: '1.0' },
    EnvironmentLinks: [],
  };
}

function refuse(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
