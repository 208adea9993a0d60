// Faults in what EC2 says about an AMI, planted one at a time into one that has none.
import { describe, expect, it } from '@jest/globals';
import type { PolicyName } from '../../../src/scan/finding.js';
import type { ImageMetadata } from '../../../src/scan/image-metadata.js';
import { imageRuleGroups } from '../../../src/scan/rules/catalogue.js';
import { scanTree } from '../../../src/scan/scan-tree.js';
import { anImageMetadata, aRootDevice } from '../../support/an-image-metadata.js';
import { aMemoryTree } from '../../support/memory-tree.js';
import { NOW } from './fixtures/common.js';
import { distributions } from './fixtures/distributions.js';

interface PlantedFault {
  readonly name: string;
  readonly changes: Partial<ImageMetadata>;
  readonly check: string;
  /** Default: marketplace. */
  readonly policy?: PolicyName;
  readonly severity: string;
  readonly message: string;
}

const { source, account } = anImageMetadata();

const faults: readonly PlantedFault[] = [
  plant('a paravirtual image', { virtualization: 'paravirtual' }, 'AMI-001 critical', 'paravirtual'),
  plant('a 32-bit image', { architecture: 'i386' }, 'AMI-002 critical', 'i386'),
  plant('an instance-store image', { rootDeviceType: 'instance-store' }, 'AMI-003 critical', 'instance-store'),
  plant('an encrypted snapshot', { devices: [aRootDevice({ isEncrypted: true })] }, 'AMI-004 critical', 'snap-'),
  {
    ...plant(
      'an encrypted snapshot to be shared',
      { devices: [aRootDevice({ isEncrypted: true })] },
      'AMI-004 medium',
      'is encrypted',
    ),
    policy: 'shared',
  },
  plant('a product code', { productCodes: ['abc123'] }, 'AMI-005 critical', 'abc123'),
  plant('no ENA', { hasEna: false }, 'AMI-006 high', 'EnaSupport'),
  plant('no demand for IMDSv2', { imdsSupport: undefined }, 'AMI-007 high', 'ImdsSupport'),
  { ...plant('the same, privately', { imdsSupport: undefined }, 'AMI-007 medium', 'ImdsSupport'), policy: 'baseline' },
  plant('another region', { region: 'eu-west-1' }, 'AMI-008 high', 'eu-west-1'),
  plant('an age of two years', { createdAt: '2024-10-01T00:00:00.000Z' }, 'AMI-009 high', '25 months'),
  plant('an age of 19 months', { createdAt: '2025-04-10T00:00:00.000Z' }, 'AMI-009 medium', '19 months'),
  plant('no description', { description: ' ' }, 'AMI-010 low', 'description'),
  plant('no name tag', { tags: {} }, 'AMI-010 low', 'tag Name'),
  { ...plant('a public image', { isPublic: true }, 'AMI-011 critical', 'Every account'), policy: 'baseline' },
  {
    ...plant('a public image that is meant to be', { isPublic: true }, 'AMI-011 info', 'Every account'),
    policy: 'shared',
  },
  plant('an account that may start it', { sharedWith: ['222222222222'] }, 'AMI-011 info', '222222222222'),
  plant('a public snapshot', { devices: [aRootDevice({ snapshotSharedWith: ['all'] })] }, 'AMI-012 critical', 'public'),
  plant(
    'a data volume',
    { devices: [aRootDevice(), aRootDevice({ name: '/dev/sdf', snapshotId: 'snap-data' })] },
    'AMI-013 high',
    'snap-data as /dev/sdf',
  ),
  plant(
    'an empty second volume',
    { devices: [aRootDevice(), aRootDevice({ name: '/dev/sdg', snapshotId: undefined })] },
    'AMI-013 high',
    'an empty volume as /dev/sdg',
  ),
  plant('a gp2 root volume', { devices: [aRootDevice({ volumeType: 'gp2' })] }, 'AMI-014 low', 'gp2'),
  plant('a root volume that stays', { devices: [aRootDevice({ deleteOnTermination: false })] }, 'AMI-014 low', 'stays'),
  plant('arm64 with a BIOS', { architecture: 'arm64', bootMode: 'legacy-bios' }, 'AMI-015 low', 'legacy-bios'),
  plant('a TPM without UEFI', { tpmSupport: 'v2.0' }, 'AMI-015 low', 'not set'),
  plant('no deprecation time', { deprecatedAt: undefined }, 'AMI-016 info', 'no deprecation'),
  plant('a deprecation that has come', { deprecatedAt: '2026-01-01T00:00:00.000Z' }, 'AMI-016 medium', '2026-01-01'),
  plant('no deregistration protection', { deregistrationProtection: 'disabled' }, 'AMI-016 info', 'not protected'),
  plant('a name that others may take', { isPublic: true }, 'AMI-017 info', '100000000000'),
  plant(
    'a source image of a stranger',
    { source: { ...source, ownerId: '666666666666' } },
    'AMI-018 high',
    '666666666666',
  ),
  plant(
    'a source image with a product code',
    { source: { ...source, hasProductCodes: true } },
    'AMI-018 medium',
    'product',
  ),
  plant(
    'a deprecated source image',
    { source: { ...source, deprecatedAt: '2026-01-01T00:00:00.000Z' } },
    'AMI-019 medium',
    'ami-00000000000000001',
  ),
  plant('no Allowed AMIs', { account: { ...account, allowedImages: 'audit-mode' } }, 'AMI-020 info', 'audit-mode'),
  plant(
    'AMIs that may be published',
    { account: { ...account, imageBlockPublicAccess: 'unblocked' } },
    'AMI-021 info',
    'off',
  ),
  plant(
    'snapshots that may be published',
    { account: { ...account, snapshotBlockPublicAccess: 'unblocked' } },
    'AMI-022 low',
    'off',
  ),
  plant('encryption by default', { account: { ...account, isEncryptedByDefault: true } }, 'AMI-023 medium', 'on in'),
  {
    ...plant(
      'no encryption by default',
      { account: { ...account, isEncryptedByDefault: false } },
      'AMI-023 info',
      'off in',
    ),
    policy: 'baseline',
  },
  { ...plant('a plain snapshot', {}, 'AMI-024 info', 'not encrypted'), policy: 'baseline' },
  plant('a build with IMDSv1', { source: { ...source, httpTokens: 'optional' } }, 'LCH-003 low', 'optional'),
];

describe('scanTree on an AMI', () => {
  it.each(['baseline', 'shared', 'marketplace', 'cis-l1'] as const)(
    'has nothing above info on a good one under %s',
    async (policy) => {
      const { findings } = await scanImage(anImageMetadata(), policy);

      expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    },
  );

  it.each(faults)('finds $name ($check)', async ({ changes, check, policy = 'marketplace', severity, message }) => {
    const image = anImageMetadata(changes);

    const { findings } = await scanImage(image, policy);

    expect(findings).toContainEqual({ check, severity, message: expect.stringContaining(message) });
  });

  it('has a planted fault for every check', () => {
    const planted = new Set(faults.map(({ check }) => check));

    const missing = imageRuleGroups.flatMap(({ checks }) => checks).filter(({ id }) => !planted.has(id));

    expect(missing).toEqual([]);
  });

  it('names the checks that it could not decide, with the reason that was met', async () => {
    const reason = 'Not authorized';
    const { findings, notEvaluated } = await scanImage(
      anImageMetadata({
        sharedWith: undefined,
        devices: [aRootDevice({ snapshotSharedWith: undefined })],
        source: { ...source, ownerId: undefined, httpTokens: undefined },
        account: {
          allowedImages: undefined,
          imageBlockPublicAccess: undefined,
          snapshotBlockPublicAccess: undefined,
          isEncryptedByDefault: undefined,
        },
        unknown: (['launch-permissions', 'snapshot-permissions', 'source-image', 'source-instance'] as const).map(
          (fact) => ({ fact, reason }),
        ),
      }),
      'marketplace',
    );

    const skipped = ['AMI-011', 'AMI-012', 'AMI-018', 'AMI-019', 'AMI-020', 'AMI-021', 'AMI-022', 'AMI-023', 'LCH-003'];
    expect(findings).toEqual([]);
    expect(notEvaluated.filter(({ check }) => /AMI|LCH/.test(check)).map(({ check }) => check)).toEqual(skipped);
    expect(notEvaluated).toContainEqual({ check: 'AMI-012', reason });
  });

  it('does not blame the account for a public image of somebody else’s', async () => {
    const { findings } = await scanImage(
      anImageMetadata({ isPublic: true, isOwn: false, sharedWith: undefined }),
      'baseline',
    );

    expect(findings.map(({ check }) => check)).not.toContain('AMI-011');
  });

  it('lets waivers waive what EC2 says', async () => {
    const { findings, waived } = await scanTree(aMemoryTree(distributions['debian-12'] ?? {}), {
      policy: 'baseline',
      now: NOW,
      image: anImageMetadata({ hasEna: false }),
      waivers: [{ check: 'AMI-006', reason: 'Old types only', expires: '2999-12-31' }],
    });

    expect(findings.map(({ check }) => check)).not.toContain('AMI-006');
    expect(waived.map(({ check }) => check)).toEqual(['AMI-006']);
  });
});

async function scanImage(image: ImageMetadata, policy: PolicyName) {
  const tree = aMemoryTree(distributions['debian-12'] ?? {});
  const result = await scanTree(tree, { policy, now: NOW, image });
  return { ...result, findings: result.findings.filter(({ check }) => /^(AMI|LCH)-/.test(check)) };
}

function plant(name: string, changes: Partial<ImageMetadata>, outcome: string, message: string): PlantedFault {
  const [check = '', severity = ''] = outcome.split(' ');
  return { name, changes, check, severity, message };
}
