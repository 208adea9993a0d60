import { AMI_NAME_PATTERN } from '../config/aws-names.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import { digestInputs } from './digest-inputs.js';
import type { ImagePlan, PlanFacts, PlannedSource } from './image-plan.js';
import { planPayload } from './plan-payload.js';
import { planPublication } from './plan-publication.js';
import { planSecrets } from './plan-secrets.js';
import { planLoginUser, planSource } from './plan-source.js';

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html, parameter Name
const AMI_NAME = new RegExp(AMI_NAME_PATTERN);

/**
 * Decides everything that a build of `image` will do. Pure: the same image and facts give the same plan.
 * Throws LOGIN_USER_UNKNOWN, ARCHITECTURE_NOT_PUBLISHED, AMI_NAME_INVALID, PAYLOAD_FILE_MISSING.
 */
export function planImage(image: ResolvedImage, facts: PlanFacts): ImagePlan {
  const source = planSource(image, facts.sourceImage);
  const loginUser = planLoginUser(image);
  const { steps, payload } = planPayload(image, facts);
  const secrets = planSecrets(image.secrets);
  const inputsDigest = digestInputs(image, { source, loginUser, steps, payload, secrets }, facts);
  const amiName = assertAmiName(`${nameWithArchitecture(image)}-${image.version}-${inputsDigest.slice(0, 8)}`);
  return {
    image: image.name,
    version: image.version,
    region: image.region,
    architecture: image.architecture,
    amiName,
    amiDescription: image.ami.description ?? '',
    inputsDigest,
    source,
    builder: image.builder,
    loginUser,
    encrypt: image.ami.encrypt,
    ...(image.ami.kmsKeyId === undefined ? {} : { kmsKeyId: image.ami.kmsKeyId }),
    ...(image.source.kind === 'platform-branch' ? { userData: KEEP_RELEASE } : {}),
    steps,
    payload,
    secrets,
    publication: planPublication(image, inputsDigest),
    tags: planTags(image, { amiName, inputsDigest, source }),
  };
}

/** Elastic Beanstalk's images update themselves on their first boot, which would race with the provisioners. */
const KEEP_RELEASE = '#cloud-config\nrepo_upgrade: none\n';

/** Once: an image of a matrix may have it in its name. */
function nameWithArchitecture({ name, architecture }: ResolvedImage): string {
  return name.endsWith(`-${architecture}`) ? name : `${name}-${architecture}`;
}

/** The same plan under another AMI name, for building unchanged inputs once more; `suffix` is like `-r2`. */
export function withNameSuffix(plan: ImagePlan, suffix: string): ImagePlan {
  const amiName = assertAmiName(`${plan.amiName}${suffix}`);
  const tags = plan.tags.Name === plan.amiName ? { ...plan.tags, Name: amiName } : plan.tags;
  return { ...plan, amiName, tags };
}

function assertAmiName(name: string): string {
  if (!AMI_NAME.test(name)) throw createError('AMI_NAME_INVALID', [name]);
  return name;
}

interface TagInputs {
  readonly amiName: string;
  readonly inputsDigest: string;
  readonly source: PlannedSource;
}

/** A user may choose another Name, but not claim to be another image: what `buildimg:` says is found again by it. */
function planTags(
  image: ResolvedImage,
  { amiName, inputsDigest, source }: TagInputs,
): Readonly<Record<string, string>> {
  return {
    Name: amiName,
    ...image.ami.tags,
    'buildimg:image': image.name,
    'buildimg:version': image.version,
    'buildimg:inputs': inputsDigest,
    ...(source.kind === 'ami' ? { 'buildimg:source': source.id } : {}),
    ...(source.kind === 'ami' && source.platformArn !== undefined ? { 'buildimg:platform': source.platformArn } : {}),
  };
}
