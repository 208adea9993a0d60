import { resolve } from 'node:path';
import { assertDisk } from '../build/register/assert-disk.js';
import type { Registration } from '../build/register/registration.js';
import { AMI_NAME_PATTERN } from '../config/aws-names.js';
import type { FailOn, PolicyName } from '../config/scan-names.js';
import { createError } from '../errors.js';
import { openDiskImage } from '../scan/tree/image/open-disk-image.js';
import type { CliContext } from './cli-context.js';

/** Of the command line, what decides the image. */
export interface RegistrationOptions {
  readonly name: string;
  readonly description?: string;
  readonly architecture: Registration['architecture'];
  readonly bootMode?: Registration['bootMode'];
  readonly tpm?: boolean;
  readonly rootDevice: string;
  readonly parent?: string;
  readonly encrypt?: boolean;
  readonly kmsKey?: string;
  readonly tag: Readonly<Record<string, string>>;
  readonly policy?: PolicyName;
  readonly failOn?: FailOn;
  readonly allowGaps?: boolean;
  readonly waivers?: string;
}

/**
 * What is to be registered, checked as far as this machine can; a mistake shows before anything is uploaded.
 * Errors: USAGE, DISK_SIZE_UNSUPPORTED, DISK_WITHOUT_PARTITION, and those of opening a disk.
 */
export async function readRegistration(
  disk: string,
  options: RegistrationOptions,
  { currentDirectory, output }: Pick<CliContext, 'currentDirectory' | 'output'>,
): Promise<Registration> {
  const { name, architecture, parent, tag, policy } = options;
  const bootMode = options.bootMode ?? (architecture === 'arm64' ? 'uefi' : 'uefi-preferred');
  const problem = findProblem({ ...options, bootMode });
  if (problem !== undefined) throw createError('USAGE', [problem]);
  const path = resolve(currentDirectory, disk);
  const isEncrypted = options.encrypt === true || options.kmsKey !== undefined;
  return {
    disk: path,
    diskBytes: await measureDisk(path, (text) => output.progress(text)),
    name,
    description: options.description ?? name,
    architecture,
    bootMode,
    hasTpm: options.tpm === true,
    rootDeviceName: options.rootDevice,
    ...(parent === undefined ? {} : { parent }),
    ...(isEncrypted ? { encryption: options.kmsKey === undefined ? {} : { kmsKeyArn: options.kmsKey } } : {}),
    tags: tag,
    ...(policy === undefined
      ? {}
      : {
          scan: {
            policy,
            failOn: options.failOn ?? 'high',
            ...(options.allowGaps === true ? { allowGaps: true } : {}),
            ...(options.waivers === undefined ? {} : { waiversFile: resolve(currentDirectory, options.waivers) }),
          },
        }),
  };
}

// What EC2 would say only when the whole disk has been uploaded.
function findProblem(options: RegistrationOptions): string | undefined {
  const { name, architecture, bootMode, rootDevice, parent, policy } = options;
  const isEncrypted = options.encrypt === true || options.kmsKey !== undefined;
  if (!new RegExp(AMI_NAME_PATTERN).test(name)) {
    return `"${name}" is no AMI name: those have 3 to 128 letters, digits and ( ) [ ] . / - ' @ _ or spaces`;
  }
  if (!/^\/dev\/(xvd|sd)[a-z]{1,2}\d{0,2}$/.test(rootDevice)) return `"${rootDevice}" is no root device like /dev/xvda`;
  if (parent !== undefined && !/^snap-([0-9a-f]{8}|[0-9a-f]{17})$/.test(parent)) return `"${parent}" is no snapshot id`;
  if (parent !== undefined && isEncrypted) {
    return '--parent and --encrypt or --kms-key exclude each other: a snapshot has the encryption of its parent';
  }
  if (options.tpm === true && bootMode !== 'uefi') return '--tpm needs --boot-mode uefi';
  if (architecture === 'arm64' && bootMode !== 'uefi') return 'arm64 instances boot by --boot-mode uefi only';
  const needsPolicy = [options.failOn, options.waivers, options.allowGaps].some((option) => option !== undefined);
  if (policy === undefined && needsPolicy) return '--fail-on, --allow-gaps and --waivers need --policy';
  return undefined;
}

const LARGEST_DISK_BYTES = 64 * 1024 ** 4;

async function measureDisk(path: string, warn: (text: string) => void): Promise<number> {
  const disk = await openDiskImage(path);
  try {
    if (disk.size === 0 || disk.size > LARGEST_DISK_BYTES)
      throw createError('DISK_SIZE_UNSUPPORTED', [path, disk.size]);
    for (const warning of await assertDisk(path, disk)) warn(`warning: ${warning}`);
    return disk.size;
  } finally {
    await disk.close();
  }
}
