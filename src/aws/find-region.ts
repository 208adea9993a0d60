import { EC2Client } from '@aws-sdk/client-ec2';
import { createError } from '../errors.js';

/**
 * The region to work in, by the conventions of the AWS CLI: the one that was asked for, AWS_REGION, AWS_DEFAULT_REGION,
 * then the profile in the config file.
 * Errors: AWS_REGION_MISSING.
 */
export async function findRegion(
  asked: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const named = [asked, environment['AWS_REGION'], environment['AWS_DEFAULT_REGION']].find(Boolean);
  if (named !== undefined) return named;
  const client = new EC2Client({});
  try {
    return await client.config.region();
  } catch (error) {
    throw createError('AWS_REGION_MISSING', [], { cause: error });
  } finally {
    client.destroy();
  }
}
