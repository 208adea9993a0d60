// What can go wrong when a disk image is brought into EC2; part of the table in ../errors.ts.

import { ExitCode } from '../exit-code.js';

export const registerErrors = {
  SNAPSHOT_ORDER_CONFLICT: {
    exit: ExitCode.buildFailed,
    message: (token: string) => `EBS knows the token ${token} from another request`,
    hint: 'Remove what the run made with buildimg reap, then register anew.',
  },
  SNAPSHOT_FAILED: {
    exit: ExitCode.buildFailed,
    message: (snapshotId: string, state: string) => `EBS gave ${snapshotId} up: it is ${state}`,
    hint: 'An upload is cancelled when nothing was sent for twelve hours; a KMS key that may not be used fails it too. Register anew.',
  },
  DISK_SIZE_UNSUPPORTED: {
    exit: ExitCode.usage,
    message: (disk: string, bytes: number) => `${disk} has ${bytes} bytes; a snapshot has 1 byte to 64 TiB`,
    hint: 'Name a disk image, raw or qcow2.',
  },
  DISK_WITHOUT_PARTITION: {
    exit: ExitCode.usage,
    message: (disk: string, problem: string) => `EC2 cannot boot ${disk}: ${problem}`,
    hint: 'EC2 boots a disk with an MBR or GPT in its first sectors and a partition that lies inside of it. Was the file cut off, or is it part of a disk?',
  },
  DISK_CHANGED: {
    exit: ExitCode.usage,
    message: (run: string, disk: string, before: number, now: number) =>
      `${disk} has ${now} bytes; when run ${run} began it had ${before}`,
    hint: 'Remove what the run made with buildimg reap, then register anew.',
  },
  DISK_FINDINGS: {
    exit: ExitCode.findings,
    message: (disk: string, policy: string, summary: string, findings: string, report: string) =>
      `${disk} does not pass policy ${policy} (${summary}):\n${findings}\nNothing was uploaded. The whole report: ${report}`,
    hint: 'Repair the disk, or accept findings with a reason and a last day: --waivers FILE.',
  },
  PARENT_TOO_LARGE: {
    exit: ExitCode.usage,
    message: (snapshotId: string, parentGib: number, gib: number) =>
      `The parent ${snapshotId} is a volume of ${parentGib} GiB, the disk one of ${gib} GiB`,
    hint: 'A parent must not be larger than what is written on top of it. Grow the disk image, or leave --parent out.',
  },
  REGISTER_NAME_TAKEN: {
    exit: ExitCode.usage,
    message: (name: string, id: string) => `There is an image of the name ${name} already: ${id}`,
    hint: 'Names are unique in an account and region. Choose another --name, or deregister that image.',
  },
} as const;
