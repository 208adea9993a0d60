import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSubnetsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import type { NetworkControl } from './ec2-ports.js';
import { toTags } from './tags.js';
import { awsErrorCode, callAws, callAwsOrMiss, translateAwsError } from './translate-error.js';

/** Security groups of build instances, over the SDK. */
export function createNetworkControl(ec2: EC2Client): NetworkControl {
  return {
    async findVpc(subnetId) {
      const { Subnets = [] } = await callAws('ec2:DescribeSubnets', () =>
        ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'subnet-id', Values: [subnetId] }] })),
      );
      return Subnets[0]?.VpcId;
    },
    async createSecurityGroup({ name, description, vpcId, tags }) {
      const created = await callAwsOrMiss('ec2:CreateSecurityGroup', ['InvalidGroup.Duplicate'], () =>
        ec2.send(
          new CreateSecurityGroupCommand({
            GroupName: name,
            Description: description,
            ...(vpcId === undefined ? {} : { VpcId: vpcId }),
            TagSpecifications: [{ ResourceType: 'security-group', Tags: toTags(tags) }],
          }),
        ),
      );
      return created?.GroupId;
    },
    async allowTcp(groupId, { port, cidrs }) {
      const ranges = cidrs.map((CidrIp) => ({ CidrIp, Description: 'buildimg' }));
      const rule = { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: ranges };
      try {
        await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [rule] }));
        return true;
      } catch (error) {
        if (awsErrorCode(error) === 'InvalidPermission.Duplicate') return true;
        if (awsErrorCode(error) === 'InvalidGroup.NotFound') return false;
        throw translateAwsError('ec2:AuthorizeSecurityGroupIngress', error);
      }
    },
  };
}
