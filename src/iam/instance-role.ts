// The role of the build instance. What the SSM agent needs is AWS's AmazonSSMManagedInstanceCore without what Run Command
// has no part in: parameters, patch baselines, inventory, associations and session data.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html
import type { ResolvedImage } from '../config/resolved-config.js';
import { ec2ServiceOf, listScopes } from './grant-scope.js';
import { type PolicyDocument, type Statement, toDocument } from './policy-document.js';

export interface InstanceRole {
  readonly trustPolicy: PolicyDocument;
  /** Undefined: the instance calls nothing of AWS, and needs no profile. */
  readonly permissionsPolicy: PolicyDocument | undefined;
}

/** What the role of the images' instance profile allows, and who may take it on. Pure. */
export function instanceRole(images: readonly ResolvedImage[]): InstanceRole {
  const regions = [
    ...new Set(
      listScopes(images, undefined)
        .filter(({ builder }) => builder === 'ec2')
        .map(({ region }) => region),
    ),
  ];
  const services = [...new Set(images.map(({ region }) => ec2ServiceOf(region)))];
  return {
    trustPolicy: toDocument([
      {
        Sid: 'LetInstancesTakeThisRole',
        Effect: 'Allow',
        Principal: { Service: services },
        Action: ['sts:AssumeRole'],
      },
    ]),
    permissionsPolicy: regions.length === 0 ? undefined : toDocument(listAgentStatements(regions)),
  };
}

function listAgentStatements(regions: readonly string[]): readonly Statement[] {
  const condition = { StringEquals: { 'aws:RequestedRegion': regions } };
  return [
    {
      Sid: 'LetTheAgentSayThatItIsThere',
      Effect: 'Allow',
      Action: ['ssm:UpdateInstanceInformation'],
      Resource: ['*'],
      Condition: condition,
    },
    {
      Sid: 'LetTheAgentHearOfScriptsAndAnswer',
      Effect: 'Allow',
      Action: [
        'ec2messages:AcknowledgeMessage',
        'ec2messages:DeleteMessage',
        'ec2messages:FailMessage',
        'ec2messages:GetEndpoint',
        'ec2messages:GetMessages',
        'ec2messages:SendReply',
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
      ],
      Resource: ['*'],
      Condition: condition,
    },
  ];
}
