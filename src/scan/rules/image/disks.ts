import type { PolicyName } from '../../finding.js';
import type { ImageDevice } from '../../image-metadata.js';
import { type Fault, forMarketplace, inEveryPolicy, whenPublished } from '../rule.js';
import { type ImageRuleContext, type ImageRuleGroup, skipUnknown } from './image-rule.js';

const whenPrivate: readonly PolicyName[] = ['baseline', 'cis-l1'];

/** The volumes that an instance of the AMI gets. */
export const imageDiskRules: ImageRuleGroup = {
  checks: [
    {
      id: 'AMI-004',
      title: 'The snapshots of a published AMI are not encrypted',
      why: 'AWS Marketplace refuses encrypted images. Shared ones start nowhere unless their key is shared too, and never under the default key.',
      source: 'AWS Marketplace AMI policy; EC2 user guide, share an AMI',
      remedy: 'Build with ami.encrypt: false; customers encrypt at launch.',
      policies: whenPublished,
      severity: 'medium',
      severityIn: { marketplace: 'critical' },
    },
    {
      id: 'AMI-012',
      title: 'No snapshot of the AMI is public',
      why: 'Anybody may read every block of a public snapshot, without starting the image.',
      source: 'AWS Foundational Security Best Practices EC2.1',
      remedy: 'ModifySnapshotAttribute createVolumePermission, remove the group all.',
      policies: inEveryPolicy,
      severity: 'critical',
    },
    {
      id: 'AMI-013',
      title: 'The AMI has no volume but the root volume',
      why: 'A data volume of the build that was captured with it carries what nobody looked at.',
      source: 'AWS shared AMI guidelines',
      remedy: 'Detach it before the capture, or leave it out of the block device mapping.',
      policies: whenPublished,
      severity: 'high',
    },
    {
      id: 'AMI-014',
      title: 'The root volume is gp3 and goes with its instance',
      why: 'gp2 costs more for less; a volume that stays after its instance costs for ever, and keeps its data.',
      source: 'buildimg',
      remedy: 'Volume type gp3 and DeleteOnTermination in the block device mapping.',
      policies: inEveryPolicy,
      severity: 'low',
    },
    {
      id: 'AMI-024',
      title: 'The snapshots of a private AMI are encrypted',
      why: 'Encryption at rest costs nothing, and a snapshot under a key of one’s own cannot be shared by mistake.',
      source: 'AWS Foundational Security Best Practices; KICS',
      remedy: 'Build with ami.encrypt: true, or turn EBS encryption by default on.',
      policies: whenPrivate,
      severity: 'info',
    },
    {
      id: 'AMI-008',
      title: 'The AMI is in us-east-1',
      why: 'AWS Marketplace copies products from there and takes them from nowhere else.',
      source: 'AWS Marketplace AMI policy',
      remedy: 'Build in us-east-1, or copy the AMI there.',
      policies: forMarketplace,
      severity: 'high',
    },
  ],
  evaluate: findDiskFaults,
};

function* findDiskFaults(context: ImageRuleContext): Iterable<Fault> {
  const { image } = context;
  const volumes = image.devices.filter(({ snapshotId }) => snapshotId !== undefined);
  for (const volume of volumes) {
    const { name, snapshotId, isEncrypted } = volume;
    const what = `The snapshot ${snapshotId} of ${name}`;
    yield isEncrypted
      ? { check: 'AMI-004', message: `${what} is encrypted` }
      : { check: 'AMI-024', message: `${what} is not encrypted` };
    if (volume.snapshotSharedWith?.includes('all')) yield { check: 'AMI-012', message: `${what} is public` };
  }
  if (volumes.some(({ snapshotSharedWith }) => snapshotSharedWith === undefined)) {
    skipUnknown(context, 'AMI-012', 'snapshot-permissions');
  }
  for (const { name, snapshotId, isEphemeral } of image.devices) {
    if (name === image.rootDeviceName || isEphemeral) continue;
    const content = snapshotId === undefined ? 'an empty volume' : `the content of ${snapshotId}`;
    yield { check: 'AMI-013', message: `Instances get ${content} as ${name}` };
  }
  yield* findRootFaults(image.devices.find(({ name }) => name === image.rootDeviceName));
  if (image.region !== 'us-east-1') yield { check: 'AMI-008', message: `It is in ${image.region}` };
}

function* findRootFaults(root: ImageDevice | undefined): Iterable<Fault> {
  if (root === undefined) return;
  if (root.volumeType !== 'gp3') {
    yield { check: 'AMI-014', message: `The root volume is of type ${root.volumeType ?? 'standard'}` };
  }
  if (!root.deleteOnTermination) yield { check: 'AMI-014', message: 'The root volume stays when its instance ends' };
}
