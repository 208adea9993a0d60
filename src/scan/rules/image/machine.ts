import { type Fault, forMarketplace, inEveryPolicy } from '../rule.js';
import type { ImageRuleContext, ImageRuleGroup } from './image-rule.js';

/** Whether the AMI fits the machines that EC2 has today. */
export const imageMachineRules: ImageRuleGroup = {
  checks: [
    {
      id: 'AMI-001',
      title: 'The AMI is of the virtualization type hvm',
      why: 'Paravirtual images start on no current instance type, and AWS Marketplace refuses them.',
      source: 'AWS Marketplace AMI policy',
      remedy: 'Register the image with VirtualizationType hvm.',
      policies: forMarketplace,
      severity: 'critical',
    },
    {
      id: 'AMI-002',
      title: 'The AMI is for x86_64 or arm64',
      why: 'AWS Marketplace takes 64-bit images only.',
      source: 'AWS Marketplace AMI policy',
      remedy: 'Build for x86_64 or arm64.',
      policies: forMarketplace,
      severity: 'critical',
    },
    {
      id: 'AMI-003',
      title: 'The root device is an EBS volume',
      why: 'Instance-store images cannot be stopped, encrypted or copied, and no current instance type starts them.',
      source: 'AWS Marketplace AMI policy; EC2 user guide',
      remedy: 'Register the image from an EBS snapshot.',
      policies: inEveryPolicy,
      severity: 'critical',
    },
    {
      id: 'AMI-006',
      title: 'The AMI says that it has ENA',
      why: 'Without the flag EC2 refuses to start the image on any instance type with enhanced networking.',
      source: 'EC2 user guide, enhanced networking',
      remedy: 'Build with ena_support, or register the image with EnaSupport.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'AMI-015',
      title: 'The boot mode fits the architecture and the TPM',
      why: 'arm64 and NitroTPM need UEFI; with another boot mode the instance does not start.',
      source: 'EC2 boot modes; NitroTPM requirements',
      remedy: 'Register the image with BootMode uefi or uefi-preferred.',
      policies: inEveryPolicy,
      severity: 'low',
    },
  ],
  evaluate: findMachineFaults,
};

function* findMachineFaults({ image }: ImageRuleContext): Iterable<Fault> {
  const { virtualization, architecture, rootDeviceType, bootMode, tpmSupport } = image;
  if (virtualization !== 'hvm') yield { check: 'AMI-001', message: `The virtualization type is ${virtualization}` };
  if (architecture !== 'x86_64' && architecture !== 'arm64') {
    yield { check: 'AMI-002', message: `The architecture is ${architecture}` };
  }
  if (rootDeviceType !== 'ebs') yield { check: 'AMI-003', message: `The root device is of type ${rootDeviceType}` };
  if (!image.hasEna) yield { check: 'AMI-006', message: 'EnaSupport is not set' };
  if (architecture === 'arm64' && bootMode === 'legacy-bios') {
    yield { check: 'AMI-015', message: 'The boot mode is legacy-bios, which arm64 does not have' };
  }
  if (tpmSupport !== undefined && bootMode !== 'uefi') {
    yield { check: 'AMI-015', message: `TpmSupport is ${tpmSupport}, but the boot mode is ${bootMode ?? 'not set'}` };
  }
}
