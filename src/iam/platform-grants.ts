// What `buildimg platform create`, `list`, `status`, `events`, `logs` and `delete` call. Elastic Beanstalk makes what else it
// needs with the caller's permissions; its own policy AdministratorAccess-AWSElasticBeanstalk says what that is.
import type { Grant } from './grant.js';
import { type GrantScope, regionArn, valuesOf } from './grant-scope.js';
import { inRegion } from './grant-targets.js';

export const platformGrants: readonly Grant[] = [
  {
    sid: 'ManageVersionsOfThePlatform',
    why: 'Making, watching and removing versions of the platform.',
    actions: [
      'elasticbeanstalk:CreatePlatformVersion',
      'elasticbeanstalk:DeletePlatformVersion',
      'elasticbeanstalk:DescribePlatformVersion',
    ],
    resources: (scope) =>
      valuesOf(scope, ({ platform }) =>
        platform === undefined ? undefined : regionArn(scope, 'elasticbeanstalk', `platform/${platform.name}/*`),
      ),
  },
  {
    sid: 'FindVersionsOfThePlatform',
    why: 'Which versions there are, what became of them, who still uses them, and the bucket that archives go to.',
    actions: [
      'elasticbeanstalk:CreateStorageLocation',
      'elasticbeanstalk:DescribeEnvironments',
      'elasticbeanstalk:DescribeEvents',
      'elasticbeanstalk:ListPlatformVersions',
    ],
    resources: forPlatforms(() => ['*']),
    condition: inRegion,
  },
  {
    sid: 'UploadTheArchiveOfThePlatform',
    why: 'The archive goes through Elastic Beanstalk’s bucket, and is removed from it when it was not taken.',
    actions: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
    resources: forPlatforms((scope) => [`${bucketArn(scope)}/*`]),
  },
  {
    sid: 'MakeTheBucketOfElasticBeanstalk',
    why: 'CreateStorageLocation makes the bucket in the caller’s name when it is not there.',
    actions: ['s3:CreateBucket', 's3:PutBucketOwnershipControls', 's3:PutBucketPolicy', 's3:PutBucketVersioning'],
    resources: forPlatforms((scope) => [bucketArn(scope)]),
  },
  {
    sid: 'ReadTheLogOfThePlatform',
    why: 'What packer says while Elastic Beanstalk runs it.',
    actions: ['logs:GetLogEvents'],
    resources: (scope) =>
      valuesOf(scope, ({ platform }) =>
        platform === undefined
          ? undefined
          : regionArn(scope, 'logs', `log-group:/aws/elasticbeanstalk/platform/${platform.name}:*`),
      ),
  },
];

function forPlatforms(list: (scope: GrantScope) => readonly string[]): Grant['resources'] {
  return (scope) => (scope.images.some(({ platform }) => platform !== undefined) ? list(scope) : []);
}

/** The bucket is named by region and account. */
function bucketArn(scope: GrantScope): string {
  const [prefix] = regionArn(scope, 's3', '').split(':s3:');
  return `${prefix}:s3:::elasticbeanstalk-${scope.region}-${scope.account ?? '*'}`;
}
