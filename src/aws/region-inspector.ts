import {
  DescribeRegionsCommand,
  type EC2Client,
  GetEbsDefaultKmsKeyIdCommand,
  GetEbsEncryptionByDefaultCommand,
  GetImageBlockPublicAccessStateCommand,
} from '@aws-sdk/client-ec2';
import { BuildimgError } from '../errors.js';
import type { RegionInspector } from './distribution-ports.js';
import { callAws } from './translate-error.js';

/** Account settings of a region over the SDK. */
export function createRegionInspector(ec2: EC2Client): RegionInspector {
  return {
    async findSettings() {
      const publicAccess = await ask('ec2:GetImageBlockPublicAccessState', () =>
        ec2.send(new GetImageBlockPublicAccessStateCommand({})),
      );
      const encryption = await ask('ec2:GetEbsEncryptionByDefault', () =>
        ec2.send(new GetEbsEncryptionByDefaultCommand({})),
      );
      const key = await ask('ec2:GetEbsDefaultKmsKeyId', () => ec2.send(new GetEbsDefaultKmsKeyIdCommand({})));
      return {
        imageBlockPublicAccess: publicAccess?.ImageBlockPublicAccessState,
        isEncryptedByDefault: encryption?.EbsEncryptionByDefault,
        defaultKmsKeyId: key?.KmsKeyId,
      };
    },
    async listEnabledRegions() {
      const { Regions = [] } = await callAws('ec2:DescribeRegions', () => ec2.send(new DescribeRegionsCommand({})));
      return Regions.flatMap(({ RegionName }) => RegionName ?? []);
    },
  };
}

/** Undefined when the caller may not ask: then the trap is found by whoever walks into it. */
async function ask<T>(action: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await callAws(action, call);
  } catch (error) {
    if (error instanceof BuildimgError && error.code === 'AWS_NOT_AUTHORIZED') return undefined;
    throw error;
  }
}
