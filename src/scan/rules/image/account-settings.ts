import type { FactName } from '../../image-metadata.js';
import { type Fault, inEveryPolicy } from '../rule.js';
import { type ImageRuleContext, type ImageRuleGroup, skipUnknown } from './image-rule.js';

/** Settings of the account that would have kept mistakes from mattering. */
export const accountSettingRules: ImageRuleGroup = {
  checks: [
    {
      id: 'AMI-020',
      title: 'Allowed AMIs is on in the account',
      why: 'It hides images of strangers from every lookup, which ends whoAMI whatever a script leaves out.',
      source: 'EC2 user guide, Allowed AMIs; Datadog Security Labs, whoAMI, 2025',
      remedy: 'EnableAllowedImagesSettings: audit-mode first, with the owners you build on as criteria, then enabled.',
      policies: inEveryPolicy,
      severity: 'info',
    },
    {
      id: 'AMI-021',
      title: 'The account blocks AMIs from being made public',
      why: 'One wrong call otherwise publishes an image to every account of AWS.',
      source: 'AWS Foundational Security Best Practices; EC2 user guide',
      remedy: 'EnableImageBlockPublicAccess block-new-sharing, in every region that publishes nothing.',
      policies: inEveryPolicy,
      severity: 'info',
    },
    {
      id: 'AMI-022',
      title: 'The account blocks snapshots from being made public',
      why: 'A public snapshot is readable by anybody, block by block.',
      source: 'AWS Foundational Security Best Practices EC2.182',
      remedy: 'EnableSnapshotBlockPublicAccess block-all-sharing.',
      policies: inEveryPolicy,
      severity: 'low',
    },
    {
      id: 'AMI-023',
      title: 'EBS encryption by default fits what the AMI is for',
      why: 'When it is on, every image built in the region is encrypted, and AWS Marketplace refuses those; when it is off, volumes are plain unless each launch asks.',
      source: 'AWS Foundational Security Best Practices EC2.7; AWS Marketplace AMI policy',
      remedy:
        'EnableEbsEncryptionByDefault where images stay private; publish from a region or account where it is off.',
      policies: inEveryPolicy,
      severity: 'info',
      severityIn: { marketplace: 'medium' },
    },
  ],
  evaluate: findAccountFaults,
};

function* findAccountFaults(context: ImageRuleContext): Iterable<Fault> {
  const { account, isPublic, region } = context.image;
  const { allowedImages, imageBlockPublicAccess, snapshotBlockPublicAccess, isEncryptedByDefault } = account;
  for (const [value, check, fact] of [
    [allowedImages, 'AMI-020', 'allowed-images'],
    [imageBlockPublicAccess, 'AMI-021', 'image-block-public-access'],
    [snapshotBlockPublicAccess, 'AMI-022', 'snapshot-block-public-access'],
    [isEncryptedByDefault, 'AMI-023', 'encryption-by-default'],
  ] as const satisfies readonly (readonly [unknown, string, FactName])[]) {
    if (value === undefined) skipUnknown(context, check, fact);
  }
  if (allowedImages !== undefined && allowedImages !== 'enabled') {
    yield { check: 'AMI-020', message: `Allowed AMIs is ${allowedImages} in ${region}` };
  }
  if (imageBlockPublicAccess === 'unblocked' && !isPublic) {
    yield { check: 'AMI-021', message: `Block public access for AMIs is off in ${region}` };
  }
  if (snapshotBlockPublicAccess === 'unblocked') {
    yield { check: 'AMI-022', message: `Block public access for snapshots is off in ${region}` };
  }
  const isForOthers = context.policy === 'marketplace' || context.policy === 'shared';
  if (isEncryptedByDefault === isForOthers) {
    yield {
      check: 'AMI-023',
      message: `EBS encryption by default is ${isEncryptedByDefault ? 'on' : 'off'} in ${region}`,
    };
  }
}
