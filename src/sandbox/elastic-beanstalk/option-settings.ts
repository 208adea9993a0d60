// Which options an environment of the sandbox takes. Those of its platform and the application's environment reach the instance;
// of Elastic Beanstalk's own the ones below. https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html

import type { ConfigurationOptionSetting } from '@aws-sdk/client-elastic-beanstalk';
import { AwsError } from '../wire/aws-error.js';
import type { OptionSetting, PlatformVersionRecord } from '../world/service-records.js';

/** What an option's value must be: one of these, or of this form. */
type Accepted = readonly string[] | RegExp;

const BOOLEAN = ['true', 'false'];
const COUNT = /^\d{1,6}$/;
const TEXT = /^[^]*$/;
const ROLLING = ['Time', 'Health', 'Immutable'];

export const LAUNCH_CONFIGURATION = 'aws:autoscaling:launchconfiguration';
const PROPERTIES = 'aws:elasticbeanstalk:application:environment';

/** Options of the launch, which are done when the environment is created. */
const OF_THE_LAUNCH: Readonly<Record<string, Accepted>> = {
  InstanceType: /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/,
  ImageId: /^ami-([0-9a-f]{8}|[0-9a-f]{17})$/,
};

/** Accepted, shown again, and without effect: there is one instance, with a key of its own, and no load balancer. */
export const IDLE_OPTIONS: Readonly<Record<string, Readonly<Record<string, Accepted>>>> = {
  [LAUNCH_CONFIGURATION]: {
    EC2KeyName: TEXT,
    IamInstanceProfile: TEXT,
    SecurityGroups: TEXT,
    RootVolumeType: ['standard', 'gp2', 'gp3', 'io1'],
    RootVolumeSize: COUNT,
    DisableIMDSv1: BOOLEAN,
  },
  'aws:autoscaling:asg': { MinSize: COUNT, MaxSize: COUNT, Cooldown: COUNT, 'Availability Zones': TEXT },
  'aws:autoscaling:updatepolicy:rollingupdate': {
    RollingUpdateEnabled: BOOLEAN,
    RollingUpdateType: ROLLING,
    MaxBatchSize: COUNT,
    MinInstancesInService: COUNT,
    PauseTime: TEXT,
    Timeout: TEXT,
  },
  'aws:ec2:instances': {
    InstanceTypes: TEXT,
    EnableSpot: BOOLEAN,
    SpotFleetOnDemandBase: COUNT,
    SpotFleetOnDemandAboveBasePercentage: COUNT,
    SpotMaxPrice: TEXT,
    SupportedArchitectures: ['x86_64', 'arm64'],
  },
  'aws:ec2:vpc': {
    VPCId: TEXT,
    Subnets: TEXT,
    ELBSubnets: TEXT,
    DBSubnets: TEXT,
    ELBScheme: ['public', 'internal'],
    AssociatePublicIpAddress: BOOLEAN,
  },
  'aws:elasticbeanstalk:application': { 'Application Healthcheck URL': TEXT },
  'aws:elasticbeanstalk:command': {
    DeploymentPolicy: ['AllAtOnce', 'Rolling', 'RollingWithAdditionalBatch', 'Immutable', 'TrafficSplitting'],
    Timeout: COUNT,
    BatchSizeType: ['Percentage', 'Fixed'],
    BatchSize: COUNT,
    IgnoreHealthCheck: BOOLEAN,
  },
  'aws:elasticbeanstalk:cloudwatch:logs': { StreamLogs: BOOLEAN, DeleteOnTerminate: BOOLEAN, RetentionInDays: COUNT },
  'aws:elasticbeanstalk:environment': {
    EnvironmentType: ['LoadBalanced', 'SingleInstance'],
    LoadBalancerType: ['classic', 'application', 'network'],
    ServiceRole: TEXT,
  },
  'aws:elasticbeanstalk:healthreporting:system': {
    SystemType: ['basic', 'enhanced'],
    HealthCheckSuccessThreshold: TEXT,
  },
  'aws:elasticbeanstalk:hostmanager': { LogPublicationControl: BOOLEAN },
  'aws:elasticbeanstalk:managedactions': {
    ManagedActionsEnabled: BOOLEAN,
    PreferredStartTime: TEXT,
    ServiceRoleForManagedUpdates: TEXT,
  },
  'aws:elasticbeanstalk:managedactions:platformupdate': {
    UpdateLevel: ['minor', 'patch'],
    InstanceRefreshEnabled: BOOLEAN,
  },
  'aws:elasticbeanstalk:monitoring': { 'Automatically Terminate Unhealthy Instances': BOOLEAN },
  'aws:elasticbeanstalk:trafficsplitting': { NewVersionPercent: COUNT, EvaluationTime: COUNT },
  'aws:elb:loadbalancer': { CrossZone: BOOLEAN },
  'aws:elb:policies': { ConnectionDrainingEnabled: BOOLEAN, ConnectionDrainingTimeout: COUNT },
};

interface Change {
  readonly platform: PlatformVersionRecord;
  /** Whether there is an instance already. */
  readonly isLaunched: boolean;
}

/**
 * Refuses settings that nobody knows, values that an option cannot have, and what only another instance could do.
 *
 * @throws AwsError InvalidParameterValue
 */
export function assertOptionSettings(
  settings: readonly ConfigurationOptionSetting[] | undefined,
  { platform, isLaunched }: Change,
): void {
  for (const { Namespace: namespace = '', OptionName: name = '', Value: value = '' } of settings ?? []) {
    if (isOfPlatform(platform, { namespace, name })) continue;
    const launch = namespace === LAUNCH_CONFIGURATION ? findOwn(OF_THE_LAUNCH, name) : undefined;
    const accepted = launch ?? findOwn(findOwn(IDLE_OPTIONS, namespace) ?? {}, name);
    const option = `(Namespace: '${namespace}', OptionName: '${name}')`;
    if (accepted === undefined) {
      throw refuse(`Invalid option specification ${option}: Unknown configuration setting.`);
    }
    if (!isAccepted(accepted, value)) {
      throw refuse(`Invalid option value: '${value}' ${option}: ${describe(accepted)}`);
    }
    if (launch === undefined || !isLaunched) continue;
    throw refuse(`The sandbox does not replace the instance of an environment: ${name} is for its creation alone.`);
  }
}

function isOfPlatform(
  { definition }: PlatformVersionRecord,
  option: Pick<OptionSetting, 'namespace' | 'name'>,
): boolean {
  if (option.namespace === PROPERTIES) return option.name !== '';
  const { optionDefinitions = [], optionSettings = [] } = definition ?? {};
  return [...optionDefinitions, ...optionSettings].some(
    ({ namespace, name }) =>
      namespace === option.namespace && name === option.name && namespace !== LAUNCH_CONFIGURATION,
  );
}

function findOwn<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function isAccepted(accepted: Accepted, value: string): boolean {
  return accepted instanceof RegExp ? accepted.test(value) : accepted.includes(value);
}

function describe(accepted: Accepted): string {
  return accepted instanceof RegExp
    ? `Value does not satisfy regex: '${accepted.source}'.`
    : `Value is not one of the allowed values: ${accepted.join(', ')}.`;
}

function refuse(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
