import {
  type ConfigurationOptionDescription,
  type ConfigurationOptionsDescription,
  type ConfigurationSettingsDescriptions,
  DescribeConfigurationOptions$,
  type DescribeConfigurationOptionsMessage,
  DescribeConfigurationSettings$,
  type DescribeConfigurationSettingsMessage,
  type OptionSpecification,
} from '@aws-sdk/client-elastic-beanstalk';
import { done, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { EnvironmentRecord, PlatformVersionRecord } from '../world/service-records.js';
import type { RequestContext } from '../world/services.js';
import { getEnvironment } from './get-environment.js';
import { mergeSettings } from './merge-settings.js';
import { getPlatform } from './platform-view.js';

export const configurationOperations = [
  defineOperation(DescribeConfigurationOptions$, describeOptions, {
    ApplicationName: withoutEffect('the options are those of the platform'),
    TemplateName: done,
    EnvironmentName: done,
    SolutionStackName: done,
    PlatformArn: done,
    Options: { Namespace: done, OptionName: done },
  }),
  defineOperation(DescribeConfigurationSettings$, describeSettings, {
    ApplicationName: done,
    TemplateName: done,
    EnvironmentName: done,
  }),
];

/** The options that a custom platform defines; those of Elastic Beanstalk itself have no effect in a sandbox. */
function describeOptions(
  input: DescribeConfigurationOptionsMessage,
  context: RequestContext,
): ConfigurationOptionsDescription {
  assertNoTemplate(input.TemplateName);
  const platform = findSubject(input, context);
  const Options = (platform?.definition?.optionDefinitions ?? []).map(
    ({ namespace, name, value }): ConfigurationOptionDescription => ({
      Namespace: namespace,
      Name: name,
      DefaultValue: value,
      ChangeSeverity: 'NoInterruption',
      UserDefined: true,
      ValueType: 'Scalar',
    }),
  );
  return {
    ...(platform === undefined ? {} : { PlatformArn: platform.id }),
    Options: Options.filter((option) => isAskedFor(option, input.Options)),
  };
}

function describeSettings(
  input: DescribeConfigurationSettingsMessage,
  context: RequestContext,
): ConfigurationSettingsDescriptions {
  assertNoTemplate(input.TemplateName);
  const { EnvironmentName: name, ApplicationName: application } = input;
  if (name === undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      'Either EnvironmentName or TemplateName must be specified, and the sandbox has no templates.',
    );
  }
  const environment = getEnvironment(context, { EnvironmentName: name });
  if (environment.application !== application) {
    throw new AwsError(
      'InvalidParameterValue',
      `No Environment found for EnvironmentName = '${name}' in application '${application}'.`,
    );
  }
  return { ConfigurationSettings: [viewSettings(environment, getPlatform(context, environment.platformArn))] };
}

/** What was set, and the image of the platform where none was: AWS shows that one too. */
function viewSettings(environment: EnvironmentRecord, platform: PlatformVersionRecord) {
  const settings = mergeSettings(environment, platform).map(({ namespace, name, value }) => ({
    Namespace: namespace,
    OptionName: name,
    Value: value,
  }));
  const isImageSet = settings.some(({ OptionName }) => OptionName === IMAGE_OPTION.OptionName);
  const standing = isImageSet || platform.imageId === undefined ? [] : [{ ...IMAGE_OPTION, Value: platform.imageId }];
  return {
    PlatformArn: environment.platformArn,
    ApplicationName: environment.application,
    EnvironmentName: environment.name,
    DeploymentStatus: environment.status === 'Ready' ? ('deployed' as const) : ('pending' as const),
    DateCreated: new Date(environment.createdAt),
    DateUpdated: new Date(environment.updatedAt),
    OptionSettings: [...standing, ...settings],
  };
}

const IMAGE_OPTION = { Namespace: 'aws:autoscaling:launchconfiguration', OptionName: 'ImageId' };

function findSubject(
  { PlatformArn: arn, EnvironmentName: name, SolutionStackName: stack }: DescribeConfigurationOptionsMessage,
  context: RequestContext,
): PlatformVersionRecord | undefined {
  if (stack !== undefined) {
    throw new AwsError('InvalidParameterValue', `No Solution Stack named '${stack}' found.`);
  }
  if (arn !== undefined) return getPlatform(context, arn);
  return name === undefined
    ? undefined
    : getPlatform(context, getEnvironment(context, { EnvironmentName: name }).platformArn);
}

function assertNoTemplate(template: string | undefined): void {
  if (template === undefined) return;
  throw new AwsError('InvalidParameterValue', `No Configuration Template named '${template}' found.`);
}

function isAskedFor(option: ConfigurationOptionDescription, asked: readonly OptionSpecification[] = []): boolean {
  return (
    asked.length === 0 ||
    asked.some(
      ({ Namespace, OptionName }) =>
        (Namespace === undefined || Namespace === option.Namespace) &&
        (OptionName === undefined || OptionName === option.Name),
    )
  );
}
