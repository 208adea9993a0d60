// What the builder ec2 needs to reach its instance: SSM Run Command, or SSH through a group of its own, and a bucket for
// files that commands do not carry.
import type { ResolvedImage } from '../config/resolved-config.js';
import type { Grant } from './grant.js';
import { type GrantScope, regionArn, s3Arn, valuesOf } from './grant-scope.js';
import { ANY_RUN, forRun, inRegion, ofRun, vpcArns } from './grant-targets.js';

export const communicatorGrants: readonly Grant[] = [
  {
    sid: 'SendScriptsToInstancesOfRuns',
    why: 'Provisioners run through SSM Run Command.',
    actions: ['ssm:SendCommand'],
    resources: (scope) => overSsm(scope, [regionArn(scope, 'ec2', 'instance/*')]),
    condition: () => ({ StringLike: { 'ssm:resourceTag/buildimg:run': ANY_RUN } }),
    builder: 'ec2',
  },
  {
    sid: 'SendScriptsByOneDocument',
    why: 'AWS-RunShellScript, and no other document.',
    actions: ['ssm:SendCommand'],
    resources: (scope) => overSsm(scope, [regionArn(scope, 'ssm', 'document/AWS-RunShellScript', false)]),
    builder: 'ec2',
  },
  {
    sid: 'FollowWhatScriptsDo',
    why: 'Whether the agent is there, and what scripts came to: those of many builds in one call. SSM narrows none to resources.',
    actions: ['ssm:DescribeInstanceInformation', 'ssm:GetCommandInvocation', 'ssm:ListCommandInvocations'],
    resources: (scope) => overSsm(scope, ['*']),
    condition: inRegion,
    builder: 'ec2',
  },
  {
    sid: 'FindTheVpcOfTheSubnet',
    why: 'The group for SSH belongs into the VPC of the subnet of the config.',
    actions: ['ec2:DescribeSubnets'],
    resources: ({ images }) => (images.some((image) => opensPort(image) && namesSubnetOnly(image)) ? ['*'] : []),
    condition: inRegion,
    builder: 'ec2',
  },
  {
    sid: 'MakeAGroupForSsh',
    why: 'A temporary security group, tagged with its run in the call that makes it.',
    actions: ['ec2:CreateSecurityGroup'],
    resources: (scope) => overSsh(scope, [regionArn(scope, 'ec2', 'security-group/*')]),
    condition: () => forRun,
    builder: 'ec2',
  },
  {
    sid: 'MakeAGroupForSshInTheVpc',
    why: 'The VPC that it is made in.',
    actions: ['ec2:CreateSecurityGroup'],
    resources: (scope) => overSsh(scope, vpcArns(scope)),
    builder: 'ec2',
  },
  {
    sid: 'TagTheGroupWhileItIsMade',
    why: 'Tags in CreateSecurityGroup take this permission too. It tags nothing that exists.',
    actions: ['ec2:CreateTags'],
    resources: (scope) => overSsh(scope, [regionArn(scope, 'ec2', 'security-group/*')]),
    condition: () => ({ StringEquals: { 'ec2:CreateAction': ['CreateSecurityGroup'] } }),
    builder: 'ec2',
  },
  {
    sid: 'OpenAndRemoveTheGroupOfARun',
    why: 'Its only rule lets in whoever builds; it goes when the instance has gone.',
    actions: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:DeleteSecurityGroup'],
    resources: (scope) => overSsh(scope, [regionArn(scope, 'ec2', 'security-group/*')]),
    condition: () => ofRun,
    builder: 'ec2',
  },
  {
    sid: 'CarryFilesByTheBucket',
    why: 'Files that are too large for commands lie below one prefix of the bucket until the run ends. HeadObject is GetObject.',
    actions: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
    resources: (scope) => valuesOf(scope, ({ builder }) => bucketArn(scope, builder.filesBucket)),
    builder: 'ec2',
  },
];

function isOverSsh({ builder }: ResolvedImage): boolean {
  return builder.communicator === 'ssh';
}

function opensPort(image: ResolvedImage): boolean {
  return isOverSsh(image) && image.builder.securityGroupIds === undefined;
}

function namesSubnetOnly({ builder }: ResolvedImage): boolean {
  return builder.vpcId === undefined && (builder.subnetId ?? builder.subnetIds) !== undefined;
}

function overSsm({ images }: GrantScope, resources: readonly string[]): readonly string[] {
  return images.every(isOverSsh) ? [] : resources;
}

function overSsh({ images }: GrantScope, resources: readonly string[]): readonly string[] {
  return images.some(opensPort) ? resources : [];
}

function bucketArn(scope: GrantScope, bucket: string | undefined): string | undefined {
  return bucket === undefined ? undefined : s3Arn(scope, `${bucket}/buildimg/*`);
}
