import { type Fault, forMarketplace, inEveryPolicy, whenPublished } from '../rule.js';
import { type ImageRuleContext, type ImageRuleGroup, skipUnknown } from './image-rule.js';

/** Age, end and origin of the AMI. */
export const imageLifecycleRules: ImageRuleGroup = {
  checks: [
    {
      id: 'AMI-009',
      title: 'The AMI is younger than two years',
      why: 'AWS Marketplace takes older versions off, and EC2 deprecates public AMIs after two years.',
      source: 'AWS Marketplace AMI policy',
      remedy: 'Build it again.',
      policies: forMarketplace,
      severity: 'high',
    },
    {
      id: 'AMI-016',
      title: 'The AMI’s end is set, and nothing ends it before',
      why: 'An old image is used until it is deprecated; one that others depend on is gone with one call.',
      source: 'EC2 user guide, deprecate an AMI; deregistration protection',
      remedy: 'EnableImageDeprecation; EnableImageDeregistrationProtection.',
      policies: whenPublished,
      severity: 'info',
    },
    {
      id: 'AMI-018',
      title: 'The source image is of a publisher one can name',
      why: 'Who looks images up by name without an owner gets what a stranger published under it last (whoAMI).',
      source: 'Datadog Security Labs, whoAMI, 2025; AWS shared AMI guidelines',
      remedy: 'Name the owners of the source image, or its publisher’s SSM parameter; buildimg validate asks for that.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'AMI-019',
      title: 'The source image is not deprecated',
      why: 'Its publisher no longer looks after it.',
      source: 'AWS shared AMI guidelines',
      remedy: 'Build on the newest image of the publisher.',
      policies: inEveryPolicy,
      severity: 'medium',
    },
  ],
  evaluate: findLifecycleFaults,
};

const MONTH_MS = (365.25 * 86_400_000) / 12;
const OLDEST_MONTHS = 24;
const WARN_MONTHS = 18;

// Accounts that publish operating systems; aliases are for those that AWS vouches for.
// https://wiki.debian.org/Cloud/AmazonEC2Image, https://documentation.ubuntu.com/aws/, https://access.redhat.com/solutions/15356
const KNOWN_PUBLISHERS: ReadonlyMap<string, string> = new Map([
  ['137112412989', 'Amazon'],
  ['099720109477', 'Canonical'],
  ['136693071363', 'Debian'],
  ['309956199498', 'Red Hat'],
  ['792107900819', 'Rocky Linux'],
  ['764336703387', 'AlmaLinux'],
]);
const VOUCHED_ALIASES = ['amazon', 'self', 'aws-backup-vault'];

function* findLifecycleFaults(context: ImageRuleContext): Iterable<Fault> {
  const { image, now } = context;
  const months = Math.floor((now.getTime() - Date.parse(image.createdAt)) / MONTH_MS);
  if (months >= OLDEST_MONTHS) yield { check: 'AMI-009', message: `It is ${months} months old` };
  else if (months >= WARN_MONTHS) {
    yield { check: 'AMI-009', message: `It is ${months} months old; at 24 it is refused`, severity: 'medium' };
  }
  if (image.deprecatedAt === undefined) yield { check: 'AMI-016', message: 'It has no deprecation time' };
  else if (Date.parse(image.deprecatedAt) <= now.getTime()) {
    yield { check: 'AMI-016', message: `It is deprecated since ${image.deprecatedAt}`, severity: 'medium' };
  }
  if (!(image.deregistrationProtection ?? '').startsWith('enabled')) {
    yield { check: 'AMI-016', message: 'It is not protected from being deregistered' };
  }
  yield* findSourceFaults(context);
}

function* findSourceFaults(context: ImageRuleContext): Iterable<Fault> {
  const { source } = context.image;
  if (source.ownerId === undefined) {
    skipUnknown(context, 'AMI-018', 'source-image');
    skipUnknown(context, 'AMI-019', 'source-image');
    return;
  }
  const isNamed = KNOWN_PUBLISHERS.has(source.ownerId) || VOUCHED_ALIASES.includes(source.ownerAlias ?? '');
  if (!isNamed) {
    yield {
      check: 'AMI-018',
      message: `${source.imageId} is of the account ${source.ownerId}, which is no publisher known here`,
    };
  }
  if (source.hasProductCodes === true) {
    yield { check: 'AMI-018', message: `${source.imageId} is a product of AWS Marketplace`, severity: 'medium' };
  }
  if (source.deprecatedAt !== undefined && Date.parse(source.deprecatedAt) <= context.now.getTime()) {
    yield { check: 'AMI-019', message: `${source.imageId} is deprecated since ${source.deprecatedAt}` };
  }
}
