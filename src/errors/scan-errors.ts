// Codes of one part of the house, for the table in ../errors.ts.
import { ExitCode } from '../exit-code.js';

export const scanErrors = {
  SCAN_TARGET_UNKNOWN: {
    exit: ExitCode.usage,
    message: (target: string) => `"${target}" is nothing that can be scanned`,
    hint: 'Name a folder, a disk image (raw or qcow2), ssh://user@host, an AMI id (ami-…), or / for this machine.',
  },
  SCAN_TARGET_MISSING: {
    exit: ExitCode.missing,
    message: (target: string) => `There is no file or folder ${target}`,
    hint: 'Check the path. Targets are a folder, a disk image, ssh://user@host, an AMI id, or /.',
  },
  SCAN_TARGET_UNREADABLE: {
    exit: ExitCode.missing,
    message: (target: string, reason: string) => `${target} cannot be read: ${reason}`,
    hint: 'Scanning a root filesystem needs the rights to read it: run as root, or scan a disk image instead.',
  },
  SCAN_NOT_AN_IMAGE: {
    exit: ExitCode.usage,
    message: (target: string, found: string, _way?: string) => `${target} is not a disk image: ${found}`,
    hint: (_target: string, _found: string, way?: string) =>
      way === undefined
        ? 'A disk image is qcow2 or raw: a GPT or MBR partition table, or a bare ext4 or XFS filesystem.'
        : `Make a disk image of it first: ${way}`,
  },
  SCAN_IMAGE_UNSUPPORTED: {
    exit: ExitCode.usage,
    message: (what: string) => `This image uses ${what}, which cannot be read here`,
    hint: 'Convert it to a plain raw image: qemu-img convert -O raw IN OUT.raw',
  },
  SCAN_IMAGE_DAMAGED: {
    exit: ExitCode.missing,
    message: (problem: string) => `The image is damaged: ${problem}`,
    hint: 'Check it with fsck on a copy, or capture it again.',
  },
  SCAN_ROOT_NOT_FOUND: {
    exit: ExitCode.missing,
    message: (target: string, found: string) => `No root filesystem in ${target} (found: ${found})`,
    hint: 'The root filesystem is the ext4 or XFS one that holds /etc.',
  },
  SCAN_READ_FAILED: {
    exit: ExitCode.missing,
    message: (path: string, reason: string) => `${path} cannot be read: ${reason}`,
  },
  SCAN_NOT_COLLECTED: {
    exit: ExitCode.missing,
    message: (path: string) => `The content of ${path} was not collected`,
    hint: 'The scan of the captured image reads it.',
  },
  SCAN_STREAM_DAMAGED: {
    exit: ExitCode.missing,
    message: (problem: string) => `The tar stream cannot be used: ${problem}`,
    hint: 'Start the scan again; if it stays, look at tar on the other side.',
  },
  SCAN_SSH_ADDRESS: {
    exit: ExitCode.usage,
    message: (target: string, problem: string) => `${target} is not an address to scan: ${problem}`,
    hint: 'Write ssh://user@host or ssh://user@host:port.',
  },
  SCAN_SSH_FAILED: {
    exit: ExitCode.missing,
    message: (target: string, reason: string) => `Could not read ${target}: ${reason}`,
    hint: 'Check that `ssh -o BatchMode=yes user@host sudo -n true` works: a key without a prompt, sudo without a password.',
  },
  SCAN_AMI_NOT_IN_SANDBOX: {
    exit: ExitCode.missing,
    message: (imageId: string, reason: string) => `The sandbox has nothing to scan for ${imageId}: ${reason}`,
    hint: 'buildimg build --sandbox makes an image; buildimg sandbox image list shows the base images.',
  },
  SCAN_AMI_NOT_FOUND: {
    exit: ExitCode.missing,
    message: (imageId: string, region: string) => `There is no image ${imageId} in ${region} that this account may see`,
    hint: 'Check the id and --region; an AMI of the sandbox takes --sandbox.',
  },
  SCAN_AMI_WITHOUT_SNAPSHOT: {
    exit: ExitCode.missing,
    message: (imageId: string, state: string) => `${imageId} has no snapshot of its root device (it is ${state})`,
    hint: 'Wait until it is available; an instance-store image can be scanned only as ssh://user@host.',
  },
  SCAN_WAIVERS_INVALID: {
    exit: ExitCode.usage,
    message: (file: string, problem: string) => `The waivers in ${file} cannot be used: ${problem}`,
    hint: 'It is a list of { check, path, reason, expires } in YAML or JSON; path is optional, expires is a day: 2027-01-31.',
  },
  SCAN_FINDINGS: {
    exit: ExitCode.findings,
    message: (image: string, policy: string, summary: string, findings: string, fate: string, report: string) =>
      `Image ${image} does not pass policy ${policy} (${summary}):\n${findings}\n${fate} The whole report: ${report}`,
    hint: 'Repair it, waive it under scan.waivers with a reason and a last day, or keep the AMI by --allow-findings.',
  },
  SCAN_OUTPUT_UNWRITABLE: {
    exit: ExitCode.missing,
    message: (file: string, reason: string) => `The report cannot be written to ${file}: ${reason}`,
    hint: 'Name a file in a folder that exists and can be written.',
  },
};
