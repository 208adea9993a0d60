// What is no mistake of a config and still has to be known before it is used.
import type { BeanstalkConfig, ResolvedImage } from './resolved-config.js';

/** In a person's words; empty when there is nothing to know. */
export function listPlatformWarnings(image: ResolvedImage): readonly string[] {
  const { platform, beanstalk, builder, source } = image;
  const retired =
    platform === undefined
      ? []
      : [
          'AWS retired Elastic Beanstalk custom platforms on 18 July 2022. The archive is for rehearsal; render --target eb-ami gives a custom AMI, which AWS supports.',
        ];
  const passRole =
    platform === undefined || builder.iamInstanceProfile === undefined
      ? []
      : [
          'builder.iamInstanceProfile needs iam:PassRole, which the policy of the platform builder does not give (AWSElasticBeanstalkCustomPlatformforEC2Role).',
        ];
  const environment =
    beanstalk === undefined ? [] : listBeanstalkWarnings(beanstalk, source.kind === 'platform-branch');
  return [...retired, ...passRole, ...environment];
}

/** Traps of an environment with an image of its own. */
export function listBeanstalkWarnings({ rollout }: BeanstalkConfig, isFromPlatform: boolean): readonly string[] {
  return [
    ...(isFromPlatform
      ? []
      : [
          'The source is no image of a platform branch: Elastic Beanstalk then installs its software on every instance, slowly, and may fail.',
        ]),
    ...(rollout.managedUpdates === undefined
      ? []
      : [
          'Managed updates move the platform version on, but not the image that the environment names: the two drift apart until the image is built again.',
        ]),
    ...(rollout.policy === 'all-at-once'
      ? ['With the policy all-at-once the application is down while the image changes.']
      : []),
  ];
}
