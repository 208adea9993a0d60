// Images to start from: a fleet mostly starts from the same few, and asks for each of them once at a time.
import type { EC2Client } from '@aws-sdk/client-ec2';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { askOneByOne, type BatchAnswer, batchLookups, type Lookup } from './batch-lookups.js';
import { describeImages } from './describe-images.js';
import type { LookupTurns } from './lookup-turns.js';
import type { MachineImage } from './ports.js';
import { callAwsOrMiss } from './translate-error.js';

export interface SourceLookups {
  /** By id; of any owner. */
  readonly images: Lookup<MachineImage>;
  /** Value of an SSM parameter by its name. */
  readonly parameters: Lookup<string>;
}

const MAX_IDS = 100;
const PARALLEL = 4;
const NOT_FOUND = ['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable'];

export function createSourceLookups(
  { ec2, ssm }: { readonly ec2: EC2Client; readonly ssm: SSMClient },
  createTurns: () => LookupTurns,
): SourceLookups {
  return {
    images: batchLookups({ ask: (ids) => findImages(ec2, ids), maxKeys: MAX_IDS, turns: createTurns() }),
    parameters: batchLookups({
      ask: (names) => askOneByOne(names, PARALLEL, (name) => findParameter(ssm, name)),
      maxKeys: MAX_IDS,
      turns: createTurns(),
    }),
  };
}

// By id, unlike what builds made: a filter without an owner makes EC2 look through all images of all accounts.
async function findImages(ec2: EC2Client, ids: readonly string[]): Promise<BatchAnswer<MachineImage>> {
  if (ids.length === 1) return await askOneByOne(ids, 1, (id) => findImage(ec2, id));
  try {
    return new Map((await describeImages(ec2, { ImageIds: [...ids] })).map((image) => [image.id, image]));
  } catch {
    // One that is not there, or is no id at all, hides the others.
    return await askOneByOne(ids, PARALLEL, (id) => findImage(ec2, id));
  }
}

async function findImage(ec2: EC2Client, id: string): Promise<MachineImage | undefined> {
  const images = await callAwsOrMiss('ec2:DescribeImages', NOT_FOUND, () => describeImages(ec2, { ImageIds: [id] }));
  return images?.[0];
}

async function findParameter(ssm: SSMClient, name: string): Promise<string | undefined> {
  const answer = await callAwsOrMiss('ssm:GetParameter', ['ParameterNotFound', 'ParameterVersionNotFound'], () =>
    ssm.send(new GetParameterCommand({ Name: name })),
  );
  return answer?.Parameter?.Value;
}
