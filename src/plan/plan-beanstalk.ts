import type { BeanstalkConfig, PlatformOptionSetting, ResolvedImage } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import type { PayloadFile, PlanFacts } from './image-plan.js';
import { listFolder } from './plan-platform.js';

/** What an environment needs beside the image. */
export interface BeanstalkPlan {
  readonly config: BeanstalkConfig;
  /** All settings but the image's id, which only the build knows; sorted by namespace and name. */
  readonly settings: readonly PlatformOptionSetting[];
  /** The user's files for the source bundle; paths are those in the bundle. */
  readonly bundle: readonly PayloadFile[];
}

/** Throws BEANSTALK_MISSING, BEANSTALK_HOOK_PLACE. */
export function planBeanstalk(image: ResolvedImage, facts: PlanFacts): BeanstalkPlan {
  const { beanstalk } = image;
  if (beanstalk === undefined) throw createError('BEANSTALK_MISSING', [image.name]);
  const bundle = listFolder(beanstalk.bundle, facts).map((file) =>
    // Platform versions before April 2022 do not make hooks executable by themselves.
    HOOK.test(file.path) ? { ...file, mode: 0o755 } : file,
  );
  const misplaced = bundle.find(({ path }) => path.startsWith('.platform/') && !KNOWN_PLACE.test(path));
  if (misplaced !== undefined) throw createError('BEANSTALK_HOOK_PLACE', [misplaced.path]);
  return { config: beanstalk, settings: listSettings(image, beanstalk), bundle };
}

const HOOK = /^\.platform\/(?:hooks|confighooks)\/(?:prebuild|predeploy|postdeploy)\/[^/]+$/;
const KNOWN_PLACE = new RegExp(`${HOOK.source}|^\\.platform/(?:nginx|httpd)/.+`);

const COMMAND = 'aws:elasticbeanstalk:command';
const UPDATES = 'aws:autoscaling:updatepolicy:rollingupdate';

/**
 * Later ones replace earlier ones: what the config says itself has the last word. Type and load balancer of an environment
 * cannot change once it stands, so they are not among them.
 */
function listSettings(image: ResolvedImage, beanstalk: BeanstalkConfig): readonly PlatformOptionSetting[] {
  const settings = [
    setting('aws:autoscaling:launchconfiguration', 'DisableIMDSv1', 'true'),
    setting('aws:ec2:instances', 'SupportedArchitectures', image.architecture),
    setting('aws:elasticbeanstalk:healthreporting:system', 'SystemType', 'enhanced'),
    ...listRollout(beanstalk),
    ...(beanstalk.optionSettings ?? []),
  ];
  const byName = new Map(settings.map((each) => [`${each.namespace} ${each.optionName}`, each]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

/**
 * Another image is a change of the configuration, which the namespace of rolling updates governs; DeploymentPolicy decides
 * over application versions only. A policy therefore sets both.
 */
function listRollout({ rollout }: BeanstalkConfig): readonly PlatformOptionSetting[] {
  const { policy, batchPercent, newVersionPercent, evaluationMinutes, managedUpdates } = rollout;
  const splitting = 'aws:elasticbeanstalk:trafficsplitting';
  return [
    setting(COMMAND, 'DeploymentPolicy', DEPLOYMENT_POLICIES[policy]),
    ...UPDATE_TYPES[policy],
    ...(batchPercent === undefined
      ? []
      : [setting(COMMAND, 'BatchSizeType', 'Percentage'), setting(COMMAND, 'BatchSize', String(batchPercent))]),
    ...(newVersionPercent === undefined ? [] : [setting(splitting, 'NewVersionPercent', String(newVersionPercent))]),
    ...(evaluationMinutes === undefined ? [] : [setting(splitting, 'EvaluationTime', String(evaluationMinutes))]),
    ...listManagedUpdates(managedUpdates),
  ];
}

const DEPLOYMENT_POLICIES = {
  'all-at-once': 'AllAtOnce',
  rolling: 'Rolling',
  'rolling-with-additional-batch': 'RollingWithAdditionalBatch',
  immutable: 'Immutable',
  'traffic-splitting': 'TrafficSplitting',
} as const;

const HEALTH = [setting(UPDATES, 'RollingUpdateEnabled', 'true'), setting(UPDATES, 'RollingUpdateType', 'Health')];
const IMMUTABLE = [
  setting(UPDATES, 'RollingUpdateEnabled', 'true'),
  setting(UPDATES, 'RollingUpdateType', 'Immutable'),
];

/** Additional batches and split traffic exist for application versions only; the next safest thing stands in for them. */
const UPDATE_TYPES = {
  'all-at-once': [setting(UPDATES, 'RollingUpdateEnabled', 'false')],
  rolling: HEALTH,
  'rolling-with-additional-batch': HEALTH,
  immutable: IMMUTABLE,
  'traffic-splitting': IMMUTABLE,
} as const;

function listManagedUpdates(updates: BeanstalkConfig['rollout']['managedUpdates']): readonly PlatformOptionSetting[] {
  const namespace = 'aws:elasticbeanstalk:managedactions';
  if (updates === undefined) return [];
  return [
    setting(namespace, 'ManagedActionsEnabled', 'true'),
    setting(namespace, 'PreferredStartTime', updates.start),
    setting(namespace, 'ServiceRoleForManagedUpdates', 'AWSServiceRoleForElasticBeanstalkManagedUpdates'),
    setting(`${namespace}:platformupdate`, 'UpdateLevel', updates.level),
  ];
}

function setting(namespace: string, optionName: string, value: string): PlatformOptionSetting {
  return { namespace, optionName, value };
}
