import { type Fault, inEveryPolicy, whenPublished } from '../rule.js';
import { type ImageRuleContext, type ImageRuleGroup, skipUnknown } from './image-rule.js';

/** Who may start the AMI, and what they can tell about it. */
export const publicationRules: ImageRuleGroup = {
  checks: [
    {
      id: 'AMI-005',
      title: 'The AMI carries no product code of AWS Marketplace',
      why: 'An image with a product code cannot be made public, and its instances are billed as somebody else’s product.',
      source: 'AWS Marketplace AMI policy; ModifyImageAttribute',
      remedy: 'Build on a source image without one; it is inherited and cannot be taken off.',
      policies: whenPublished,
      severity: 'critical',
    },
    {
      id: 'AMI-010',
      title: 'Description and tags say what the AMI is',
      why: 'Whoever has to decide a year from now whether it may go needs its name, version and origin.',
      source: 'AWS shared AMI guidelines',
      remedy: 'A description, and the tag Name; buildimg writes source image, version and run as tags.',
      policies: whenPublished,
      severity: 'low',
    },
    {
      id: 'AMI-011',
      title: 'The AMI is started by whom it is meant for',
      why: 'A public AMI can be started by every account of AWS, and its disk read.',
      source: 'AWS shared AMI guidelines; AWS Foundational Security Best Practices',
      remedy:
        'ModifyImageAttribute launchPermission, remove the group all; share with accounts, or scan with the policy shared if it is meant to be public.',
      policies: inEveryPolicy,
      severity: 'critical',
      severityIn: { shared: 'info' },
    },
    {
      id: 'AMI-017',
      title: 'Users of a public AMI can tell it from an impostor',
      why: 'Anybody may publish an AMI of the same name; who looks it up by name alone gets the newest (whoAMI).',
      source: 'Datadog Security Labs, whoAMI, 2025',
      remedy: 'Publish the account id or an SSM parameter beside the name, and have users turn Allowed AMIs on.',
      policies: whenPublished,
      severity: 'info',
    },
  ],
  evaluate: findPublicationFaults,
};

function* findPublicationFaults(context: ImageRuleContext): Iterable<Fault> {
  const { image, policy } = context;
  if (image.productCodes.length > 0) {
    yield { check: 'AMI-005', message: `Its product codes are ${image.productCodes.join(', ')}` };
  }
  if ((image.description ?? '').trim() === '') yield { check: 'AMI-010', message: 'It has no description' };
  if ((image.tags['Name'] ?? '').trim() === '') yield { check: 'AMI-010', message: 'It has no tag Name' };
  // Whether somebody else’s image should be public is for them to say.
  if (image.isPublic && image.isOwn) {
    yield { check: 'AMI-011', message: 'Every account of AWS may start it' };
    const { ownerId, name } = image;
    yield { check: 'AMI-017', message: `"${name}" is safe to look up only with the owner ${ownerId}` };
  }
  if (image.sharedWith === undefined) {
    if (!image.isOwn || !image.isPublic) skipUnknown(context, 'AMI-011', 'launch-permissions');
  } else if (image.sharedWith.length > 0 && policy !== 'shared') {
    yield { check: 'AMI-011', message: `${image.sharedWith.join(', ')} may start it too`, severity: 'info' };
  }
}
