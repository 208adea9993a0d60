// What the `publish` section of a config takes beyond the build: in the region of the image (home) and in those of its copies.
import type { PublishConfig } from '../config/publish-config.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import type { Grant } from './grant.js';
import { type GrantScope, partitionOf, regionArn, valuesOf } from './grant-scope.js';
import { ANY_RUN, arns, forRun, inRegion, ofRun } from './grant-targets.js';

export const publishGrants: readonly Grant[] = [
  {
    sid: 'FindRegionsToCopyTo',
    why: 'A region that is not enabled is found out before anything is built.',
    actions: ['ec2:DescribeRegions'],
    resources: wherever(hasCopies),
    condition: inRegion,
    builder: 'ec2',
  },
  {
    sid: 'CopyIntoTaggedImages',
    why: 'Copies carry the run from the start.',
    actions: ['ec2:CopyImage'],
    resources: (scope) => copyArns(scope, ['image/*', 'snapshot/*']),
    condition: () => forRun,
  },
  {
    sid: 'TagCopiesWhileTheyAreMade',
    why: 'Tags in CopyImage take this permission too.',
    actions: ['ec2:CreateTags'],
    resources: (scope) => copyArns(scope, ['image/*', 'snapshot/*']),
    condition: () => ({ StringEquals: { 'ec2:CreateAction': ['CopyImage'] } }),
  },
  {
    sid: 'RequireImdsV2OfCopies',
    why: 'A copy does not take the demand for IMDSv2 over from its image.',
    actions: ['ec2:ModifyImageAttribute'],
    resources: (scope) => copyArns(scope, ['image/*']),
    condition: () => ofRun,
  },
  {
    sid: 'RemoveCopiesOfRuns',
    why: 'Copies of a build that failed or was killed before anybody could use them.',
    actions: ['ec2:DeleteSnapshot', 'ec2:DeregisterImage'],
    resources: (scope) => copyArns(scope, ['image/*', 'snapshot/*']),
    condition: () => ofRun,
  },
  {
    sid: 'UseTheKeysOfCopies',
    why: 'A copy under a key of yours is made with that key, by EC2 in your name.',
    actions: [
      'kms:CreateGrant',
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
    ],
    resources: keyArns,
    condition: (scope) => ({
      StringLike: { 'kms:ViaService': [`ec2.*.amazonaws.com${partitionOf(scope.region) === 'aws-cn' ? '.cn' : ''}`] },
    }),
  },
  {
    sid: 'LaunchTheImageToTestIt',
    why: 'The boot test launches what was built.',
    actions: ['ec2:RunInstances'],
    resources: forBootTest((scope) => arns(scope, ['image/*'], false)),
    condition: () => ofRun,
  },
  {
    sid: 'WatchTheBootTest',
    why: 'Whether EC2’s checks have passed.',
    actions: ['ec2:DescribeInstanceStatus'],
    resources: forBootTest(() => ['*']),
    condition: inRegion,
  },
  {
    sid: 'FindTheAgentOfBootTests',
    why: 'Or whether the agent is there.',
    actions: ['ssm:DescribeInstanceInformation'],
    resources: forBootTest(() => ['*']),
    condition: inRegion,
    builder: 'packer',
  },
  {
    sid: 'TagInterfacesOfBootTests',
    why: 'Packer does not tag its network interface; a boot test does.',
    actions: ['ec2:CreateTags'],
    resources: forBootTest((scope) => arns(scope, ['network-interface/*'])),
    condition: () => ({ StringEquals: { 'ec2:CreateAction': ['RunInstances'] } }),
    builder: 'packer',
  },
  {
    sid: 'ReadTheConsoleOfBootTests',
    why: 'It says why the image did not come up.',
    actions: ['ec2:GetConsoleOutput'],
    resources: forBootTest((scope) => arns(scope, ['instance/*'])),
    condition: () => ofRun,
    builder: 'packer',
  },
  {
    sid: 'RunTheCommandOfTheBootTest',
    why: 'It runs through SSM, by one document.',
    actions: ['ssm:SendCommand'],
    resources: forCommand((scope) => [regionArn(scope, 'ssm', 'document/AWS-RunShellScript', false)]),
    builder: 'packer',
  },
  {
    sid: 'RunItOnInstancesOfRuns',
    why: 'And on instances of runs only.',
    actions: ['ssm:SendCommand'],
    resources: forCommand((scope) => arns(scope, ['instance/*'])),
    condition: () => ({ StringLike: { 'ssm:resourceTag/buildimg:run': ANY_RUN } }),
    builder: 'packer',
  },
  {
    sid: 'FollowTheCommandOfTheBootTest',
    why: 'What it came to.',
    actions: ['ssm:GetCommandInvocation'],
    resources: forCommand(() => ['*']),
    condition: inRegion,
    builder: 'packer',
  },
  {
    sid: 'TagPublishedImages',
    why: 'The tags of the publish section, on the image and its copies.',
    actions: ['ec2:CreateTags'],
    resources: (scope) => publishedArns(scope, 'image/*', ({ tags }) => Object.keys(tags).length > 0),
    condition: (scope) => ({
      ...ofRun,
      'ForAllValues:StringEquals': {
        'aws:TagKeys': valuesOf(scope, ({ publish }) => Object.keys(publish?.tags ?? {})),
      },
    }),
  },
  {
    sid: 'DeprecatePublishedImages',
    why: 'The day from which EC2 calls them deprecated.',
    actions: ['ec2:EnableImageDeprecation'],
    resources: (scope) => publishedArns(scope, 'image/*', (publish) => publish.deprecateAfterDays !== undefined),
    condition: () => ofRun,
  },
  {
    sid: 'ProtectPublishedImages',
    why: 'Nobody deregisters them by mistake. Turning that off again is not granted.',
    actions: ['ec2:EnableImageDeregistrationProtection'],
    resources: (scope) => publishedArns(scope, 'image/*', (publish) => publish.protect !== undefined),
    condition: () => ofRun,
  },
  {
    sid: 'LookAtSharing',
    why: 'Who may use an image already, and whether the account would refuse: found before anything is built.',
    actions: [
      'ec2:DescribeImageAttribute',
      'ec2:GetEbsDefaultKmsKeyId',
      'ec2:GetEbsEncryptionByDefault',
      'ec2:GetImageBlockPublicAccessState',
    ],
    resources: wherever(isShared),
    condition: inRegion,
  },
  {
    sid: 'SharePublishedImages',
    why: 'Lets the accounts and organizations of the config launch them.',
    actions: ['ec2:ModifyImageAttribute'],
    resources: (scope) => publishedArns(scope, 'image/*', isShared),
    condition: () => ofRun,
  },
  {
    sid: 'LookAtSharingOfSnapshots',
    why: 'Who may use the snapshots already.',
    actions: ['ec2:DescribeSnapshotAttribute'],
    resources: wherever(sharesSnapshots),
    condition: inRegion,
  },
  {
    sid: 'ShareSnapshotsOfPublishedImages',
    why: 'Copying an image takes its snapshots.',
    actions: ['ec2:ModifySnapshotAttribute'],
    resources: (scope) => publishedArns(scope, 'snapshot/*', sharesSnapshots),
    condition: () => ofRun,
  },
  {
    sid: 'WriteTheParametersOfImages',
    why: 'The SSM parameters that name the image, tagged when they are made and read back when they are written.',
    actions: ['ssm:AddTagsToResource', 'ssm:GetParameter', 'ssm:PutParameter'],
    resources: parameterArns,
  },
];

function hasCopies({ regions }: PublishConfig): boolean {
  return regions.length > 0;
}

function isShared({ grantees: { accounts, organizations, organizationalUnits, isPublic } }: PublishConfig): boolean {
  return isPublic || accounts.length + organizations.length + organizationalUnits.length > 0;
}

function sharesSnapshots(publish: PublishConfig): boolean {
  return publish.sharesSnapshots && isShared(publish);
}

function wherever(isWanted: (publish: PublishConfig) => boolean): Grant['resources'] {
  return ({ images }) => (images.some(({ publish }) => publish !== undefined && isWanted(publish)) ? ['*'] : []);
}

function forBootTest(list: Grant['resources']): Grant['resources'] {
  return (scope) => (scope.images.some(({ publish }) => publish?.bootTest !== undefined) ? list(scope) : []);
}

function forCommand(list: Grant['resources']): Grant['resources'] {
  return (scope) => (scope.images.some(({ publish }) => publish?.bootTest?.command !== undefined) ? list(scope) : []);
}

/** Of the image and its copies, where the config asks for it. */
function publishedArns(
  scope: GrantScope,
  resource: string,
  isWanted: (publish: PublishConfig) => boolean,
): readonly string[] {
  return valuesOf(scope, ({ publish }) =>
    publish !== undefined && isWanted(publish)
      ? [scope.region, ...publish.regions.map(({ region }) => region)].map((region) =>
          regionArn({ ...scope, region }, 'ec2', resource, false),
        )
      : undefined,
  );
}

function copyArns(scope: GrantScope, resources: readonly string[]): readonly string[] {
  const regions = valuesOf(scope, ({ publish }) => publish?.regions.map(({ region }) => region));
  return regions.flatMap((region) => arns({ ...scope, region }, resources, false));
}

function keyArns(scope: GrantScope): readonly string[] {
  return valuesOf(scope, (image) => listKeys(image).map(({ region, key }) => keyArn({ ...scope, region }, key)));
}

function listKeys({
  region,
  ami,
  publish,
}: ResolvedImage): readonly { readonly region: string; readonly key: string }[] {
  const ofCopies = (publish?.regions ?? []).flatMap(({ region: other, kmsKeyId }) =>
    kmsKeyId === undefined ? [] : [{ region: other, key: kmsKeyId }],
  );
  return ami.kmsKeyId === undefined ? ofCopies : [{ region, key: ami.kmsKeyId }, ...ofCopies];
}

/** IAM knows keys by their ids alone: an alias may be of any of them. */
function keyArn(scope: GrantScope, key: string): string {
  if (/:alias\/|^alias\//.test(key)) return regionArn(scope, 'kms', 'key/*');
  return key.startsWith('arn:') ? key : regionArn(scope, 'kms', `key/${key}`);
}

function parameterArns(scope: GrantScope): readonly string[] {
  return valuesOf(scope, ({ name, architecture, publish }) => {
    const regions = [scope.region, ...(publish?.regions ?? []).map(({ region }) => region)];
    const names = [publish?.parameter.versioned, publish?.parameter.latest].filter((each) => each !== undefined);
    return names.flatMap((text) => {
      const filled = text.replace('{image}', name).replace('{architecture}', architecture);
      const path = filled.replace(/\{[a-z]+\}/g, '*').replace(/^\//, '');
      return regions.map((region) => regionArn({ ...scope, region }, 'ssm', `parameter/${path}`));
    });
  });
}
