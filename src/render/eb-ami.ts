// The way that AWS supports today: a custom AMI made from a managed platform's image, and an environment that names it.
import { listBeanstalkWarnings } from '../config/platform-warnings.js';
import type { RolloutPolicy } from '../config/resolved-config.js';
import type { ImagePlan } from '../plan/image-plan.js';
import type { BeanstalkPlan } from '../plan/plan-beanstalk.js';
import { assertNoSecrets } from './assert-no-secrets.js';
import { copyTemplate } from './copy-template.js';
import { hasSshSourceVariable, isSourceGiven } from './packer/amazon-ebs-source.js';
import { formatJsonFile } from './packer/json-file.js';
import { renderImage } from './render-image.js';
import type { RenderedFile } from './rendered-file.js';
import { renderText, type TextTemplates } from './text-template.js';

/** Stands for the id of the image until it is built; use-image.sh puts it in. */
const AMI_ID = '@AMI_ID@';

export interface EbAmiPlan {
  readonly plan: ImagePlan;
  readonly beanstalk: BeanstalkPlan;
  /** Platform branch that the config starts from, if it starts from one. */
  readonly branch?: string;
}

/** All files of the folder, sorted by path: Packer's, and beside them those of the environment. Pure. */
export function renderEbAmi(request: EbAmiPlan, templates: TextTemplates): readonly RenderedFile[] {
  const { plan, beanstalk } = request;
  assertNoSecrets(plan, 'eb-ami');
  const { environment } = beanstalk.config;
  const image = { namespace: 'aws:autoscaling:launchconfiguration', optionName: 'ImageId', value: AMI_ID };
  const settings = [image, ...beanstalk.settings];
  const text = (path: string, values: object): RenderedFile => ({
    path,
    mode: 0o644,
    content: { text: renderText(templates, `eb-ami/${path}.hbs`, values) },
  });
  const files = [
    ...renderImage(plan, 'packer-json', templates).filter(({ path }) => path !== 'README.md'),
    formatJsonFile('options.json', settings.map(toApi)),
    text('image.config', { image: plan.image, settings }),
    text('environment.sh', { region: plan.region, environment }),
    copyTemplate('use-image.sh', 'eb-ami/use-image.sh', templates),
    ...beanstalk.bundle.map((file) => ({ ...file, path: `bundle/${file.path}` })),
    text('README.md', describe(request)),
  ];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function toApi({ namespace, optionName, value }: BeanstalkPlan['settings'][number]) {
  return { Namespace: namespace, OptionName: optionName, Value: value };
}

function describe({ plan, beanstalk: { config }, branch = '' }: EbAmiPlan) {
  const { source } = plan;
  const { policy } = config.rollout;
  return {
    image: plan.image,
    version: plan.version,
    region: plan.region,
    architecture: plan.architecture,
    environment: config.environment,
    branch,
    platformArn: source.kind === 'ami' ? (source.platformArn ?? '') : '',
    baseImage: source.kind === 'ami' ? source.id : '',
    needsVariable: isSourceGiven(source),
    hasSshSource: hasSshSourceVariable(plan),
    policy,
    policyText: POLICY_TEXTS[policy],
    warnings: listBeanstalkWarnings(config, branch !== ''),
  };
}

/** What happens to instances when the image changes, which is a change of configuration and no deployment. */
const POLICY_TEXTS: Readonly<Record<RolloutPolicy, string>> = {
  'all-at-once': 'Another image replaces all instances at once: the application is down meanwhile.',
  rolling: 'Another image replaces the instances batch by batch, each when the one before is healthy.',
  'rolling-with-additional-batch':
    'Application versions get an additional batch; another image replaces the instances batch by batch without one.',
  immutable: 'Another image starts a full set of new instances beside the old ones, which go when the new are healthy.',
  'traffic-splitting':
    'Application versions get a share of the requests first; another image is rolled out immutably, since traffic cannot be split for it.',
};
