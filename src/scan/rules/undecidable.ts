import { forMarketplace, inEveryPolicy, type UndecidableCheck, whenPublished } from './rule.js';

/** Checks of the catalogue that files alone cannot decide; a report names them, so that nobody takes silence for a pass. */
export const undecidableChecks: readonly UndecidableCheck[] = [
  {
    check: {
      id: 'SEAL-021',
      title: 'Free space holds no remains of secrets',
      why: 'A deleted file stays in the free blocks of the snapshot and can be carved out of it.',
      source: 'AWS shared AMI guidelines; Balduzzi et al. 2012',
      remedy: 'Never write secrets to the root volume (use /run); zero-fill free space, or build on a fresh volume.',
      policies: whenPublished,
      severity: 'medium',
    },
    reason: 'Free blocks are not part of a file tree',
  },
  {
    check: {
      id: 'OS-002',
      title: 'All updates are applied',
      why: 'What an image lacks, every launch lacks.',
      source: 'AWS Marketplace AMI policy',
      remedy: 'Add the update provisioner; on Amazon Linux 2023 with the newest releasever.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    reason: 'It takes the package index of the vendor; on an instance: apt-get -s dist-upgrade, dnf check-update',
  },
  {
    check: {
      id: 'OS-009',
      title: 'No malware',
      why: 'AWS Marketplace scans for it, and suspends the listing.',
      source: 'AWS Marketplace AMI policy',
      remedy: 'Scan the mounted image with clamscan or yara.',
      policies: forMarketplace,
      severity: 'critical',
    },
    reason: 'It takes a signature database',
  },
  {
    check: {
      id: 'OS-010',
      title: 'No package with a known vulnerability',
      why: 'AWS Marketplace and Inspector match packages with CVEs.',
      source: 'AWS Marketplace AMI policy; Amazon Inspector',
      remedy: 'Give the SBOM of this scan to trivy, grype or Inspector, and update what they name.',
      policies: whenPublished,
      severity: 'high',
    },
    reason: 'It takes a vulnerability database; the SBOM is its input',
  },
  {
    check: {
      id: 'OS-011',
      title: 'An SBOM comes with the image',
      why: 'Buyers ask for it, and it answers tomorrow what today’s scan cannot.',
      source: 'buildimg',
      remedy: 'buildimg writes one with every build (CycloneDX or SPDX).',
      policies: whenPublished,
      severity: 'info',
    },
    reason: 'The SBOM lies beside the image, not in it',
  },
];
