import { type Fault, inEveryPolicy } from '../rule.js';
import { type ImageRuleContext, type ImageRuleGroup, skipUnknown } from './image-rule.js';

/** Whether the instance metadata service asks for a token: of instances of this AMI, and of the one it was made of. */
export const metadataServiceRules: ImageRuleGroup = {
  checks: [
    {
      id: 'AMI-007',
      title: 'Instances of the AMI require IMDSv2',
      why: 'With IMDSv1 a forged request from inside the application is enough to take the role’s credentials.',
      source: 'EC2 user guide, configure IMDS; AWS Foundational Security Best Practices EC2.8',
      remedy:
        'Build with imds_support v2.0 (Packer 1.10), or ModifyImageAttribute ImdsSupport v2.0, which cannot be undone.',
      policies: inEveryPolicy,
      severity: 'medium',
      severityIn: { shared: 'high', marketplace: 'high' },
    },
    {
      id: 'LCH-003',
      title: 'The instance that the AMI was made of required IMDSv2',
      why: 'For the time of the build its credentials were as open as those of any instance with IMDSv1.',
      source: 'EC2 user guide, configure IMDS',
      remedy:
        'metadata_options with http_tokens required; buildimg’s templates have it from Packer 1.7 on, and the builder ec2 always.',
      policies: inEveryPolicy,
      severity: 'low',
    },
  ],
  evaluate: findMetadataFaults,
};

function* findMetadataFaults(context: ImageRuleContext): Iterable<Fault> {
  const { imdsSupport, source } = context.image;
  if (imdsSupport !== 'v2.0') yield { check: 'AMI-007', message: 'ImdsSupport is not set' };
  if (source.httpTokens === undefined) skipUnknown(context, 'LCH-003', 'source-instance');
  else if (source.httpTokens !== 'required') {
    yield { check: 'LCH-003', message: `It was launched with HttpTokens ${source.httpTokens}` };
  }
}
