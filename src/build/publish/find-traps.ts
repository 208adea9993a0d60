// What would stop a publication, looked for before anything is built: EC2 says it an hour later, or not at all.
import type { AwsAccess } from '../../aws/create-aws-access.js';
import type { RegionSettings } from '../../aws/distribution-ports.js';
import type { MachineImage } from '../../aws/ports.js';
import { createMask } from '../../config/mask-secrets.js';
import type { PublishRegion } from '../../config/publish-config.js';
import { createError } from '../../errors.js';
import type { ImagePlan } from '../../plan/image-plan.js';
import { findPublicationStep } from '../../plan/publication-plan.js';
import { isCopyOf } from './copy-image.js';
import { inEachRegion } from './in-each-region.js';

export interface TrapRequest {
  readonly plan: ImagePlan;
  /** The image of the same inputs, when it is there. */
  readonly existing: MachineImage | undefined;
  readonly aws: AwsAccess;
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
}

export interface Trap {
  /** Undefined: it has nothing to do with a region. */
  readonly region?: string;
  readonly problem: string;
}

/** Everything in the way of publishing the image, as far as can be asked. Changes nothing. */
export async function findTraps(request: TrapRequest): Promise<readonly Trap[]> {
  const { plan, aws, signal } = request;
  if (plan.publication.length === 0) return [];
  const copies = findPublicationStep(plan.publication, 'copy')?.regions ?? [];
  const enabled = copies.length === 0 ? [] : await aws.settings.listEnabledRegions();
  const [open, closed] = [true, false].map((is) => copies.filter(({ region }) => enabled.includes(region) === is));
  const home = { region: aws.region, ...(plan.kmsKeyId === undefined ? {} : { kmsKeyId: plan.kmsKeyId }) };
  const ofRegions = await inEachRegion([home, ...(open ?? [])], signal, (place) => findTrapsIn(place, request));
  return [
    ...(await findOwnAccount(request)),
    ...findSecrets(request),
    ...(closed ?? []).map(({ region }) => ({
      region,
      problem: 'is not enabled for this account, or does not exist',
    })),
    ...ofRegions.flat(),
  ];
}

/** Errors: PUBLISH_REFUSED with all traps. */
export function assertNoTraps(image: string, traps: readonly Trap[]): void {
  if (traps.length > 0) throw createError('PUBLISH_REFUSED', [image, traps.map(formatTrap).join('\n')]);
}

/** `  eu-west-1: blocks public AMIs …` */
export function formatTrap({ region, problem }: Trap): string {
  return `  ${region === undefined ? '' : `${region}: `}${problem}`;
}

async function findTrapsIn(place: PublishRegion, request: TrapRequest): Promise<readonly Trap[]> {
  const { plan, aws } = request;
  const access = aws.inRegion(place.region);
  const share = findPublicationStep(plan.publication, 'share');
  const settings = share === undefined ? undefined : await access.settings.findSettings();
  const problems = [
    ...(settings === undefined ? [] : findSharingProblems(place, settings, request)),
    ...(place.region === aws.region ? [] : await findTakenName(access, request)),
    ...(await findParameterProblems(access, request)),
  ];
  return problems.map((problem) => ({ region: place.region, problem }));
}

function findSharingProblems(
  { kmsKeyId, region }: PublishRegion,
  { imageBlockPublicAccess, isEncryptedByDefault, defaultKmsKeyId }: RegionSettings,
  { plan, existing, aws }: TrapRequest,
): readonly string[] {
  const { isPublic = false } = findPublicationStep(plan.publication, 'share')?.grantees ?? {};
  const isEncryptedAtHome = existing?.isEncrypted ?? plan.encrypt;
  // An image that is there keeps what it is; a copy, and what is still to be built, go by the default of their region.
  const isDecided = region === aws.region && existing !== undefined;
  const isEncrypted = isEncryptedAtHome || kmsKeyId !== undefined || (!isDecided && isEncryptedByDefault === true);
  const problems: string[] = [];
  if (isPublic && imageBlockPublicAccess === 'block-new-sharing') {
    problems.push('the account blocks public AMIs there (ec2 disable-image-block-public-access)');
  }
  if (isPublic && isEncrypted) problems.push('EBS encrypts by default there, and an encrypted AMI cannot be public');
  const isOwnKey = kmsKeyId === undefined && /(?:^|:)alias\/aws\/ebs$/.test(defaultKmsKeyId ?? '');
  if (!isPublic && isEncrypted && isOwnKey && !isDecided) {
    const why = isEncryptedAtHome ? 'the image is encrypted' : 'EBS encrypts by default there';
    const where =
      region === aws.region ? 'ami: { encrypt: true, kmsKeyId: … }' : `regions: { ${region}: { kmsKeyId: … } }`;
    problems.push(`${why}, and what is under alias/aws/ebs cannot be shared; name a key: ${where}`);
  }
  return problems;
}

/** A copy has the name of its image, and EC2 takes a name once. */
async function findTakenName({ catalog }: AwsAccess, { plan, existing }: TrapRequest): Promise<readonly string[]> {
  const taken = await catalog.findImageByName(plan.amiName);
  if (taken === undefined || (existing !== undefined && isCopyOf(existing, taken))) return [];
  return [`${taken.id} has the name ${plan.amiName} and is no copy of this image; deregister it, or use --force`];
}

async function findParameterProblems({ parameters }: AwsAccess, { plan }: TrapRequest): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const step of plan.publication) {
    if (step.kind !== 'ssm-parameter') continue;
    const found = await parameters.findParameter(step.name);
    if (found === undefined || found.type === 'String') continue;
    problems.push(
      `${step.name} is a ${found.type}, and an image id is written as a String; delete it, or use another name`,
    );
  }
  return problems;
}

async function findOwnAccount({ plan, aws }: TrapRequest): Promise<readonly Trap[]> {
  const { accounts = [] } = findPublicationStep(plan.publication, 'share')?.grantees ?? {};
  if (accounts.length === 0) return [];
  const own = await aws.findAccount();
  return accounts.includes(own) ? [{ problem: `${own} is the account that builds, and has the image already` }] : [];
}

function findSecrets({ plan, secrets }: TrapRequest): readonly Trap[] {
  const { command = '' } = findPublicationStep(plan.publication, 'boot-test') ?? {};
  if (createMask(secrets)(command) === command) return [];
  return [{ problem: 'bootTest.command holds a secret, and what SSM runs stays in its history for 30 days' }];
}
