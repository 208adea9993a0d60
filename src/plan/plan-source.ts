import {
  findLoginUserOfOwner,
  findOperatingSystem,
  findOperatingSystemOfParameter,
  type OperatingSystem,
  operatingSystems,
} from '../config/operating-systems.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import type { PlanFacts, PlannedSource } from './image-plan.js';

/** The source image: pinned when it was looked up; otherwise in the most exact form that works without asking anybody. */
export function planSource(image: ResolvedImage, lookedUp: PlanFacts['sourceImage']): PlannedSource {
  if (lookedUp !== undefined) {
    const { id, rootDeviceName, platformArn } = lookedUp;
    return { kind: 'ami', id, rootDeviceName, ...(platformArn !== undefined && { platformArn }) };
  }
  const { source } = image;
  const system = findKnownSystem(image);
  const device = system === undefined ? {} : { rootDeviceName: system.rootDeviceName };
  if (source.kind === 'ami') return { kind: 'ami', id: source.id };
  if (source.kind === 'filter') return { kind: 'filter', owners: source.owners, filters: source.filters, ...device };
  if (source.kind === 'platform-branch') {
    return { kind: 'platform-branch', branch: source.branch, rootDeviceName: AMAZON_LINUX_ROOT_DEVICE };
  }
  if (source.kind === 'ssm-parameter') return { kind: 'variable', parameter: source.parameter, ...device };
  return { ...filterByName(source.os, image), ...device };
}

/** All images of Elastic Beanstalk's platforms are Amazon Linux. */
const AMAZON_LINUX_ROOT_DEVICE = '/dev/xvda';

/** The user that the source image gives the launch key to. */
export function planLoginUser(image: ResolvedImage): string {
  const user = image.builder.sshUsername ?? findKnownSystem(image)?.loginUser ?? findUserOfOwners(image);
  if (user === undefined) throw createError('LOGIN_USER_UNKNOWN', [image.name]);
  return user;
}

function filterByName(os: string, { architecture }: ResolvedImage) {
  const system = findOperatingSystem(os);
  const published = system?.images[architecture];
  if (system === undefined || published === undefined)
    throw createError('ARCHITECTURE_NOT_PUBLISHED', [os, architecture]);
  return {
    kind: 'filter',
    owners: system.owners,
    filters: { name: published.nameFilter, 'root-device-type': 'ebs', 'virtualization-type': 'hvm' },
  } as const;
}

/** The operating system that the source names, or whose publisher it trusts and nobody else. */
function findKnownSystem({ source }: ResolvedImage): OperatingSystem | undefined {
  if (source.kind === 'os') return findOperatingSystem(source.os);
  if (source.kind === 'ssm-parameter') return findOperatingSystemOfParameter(source.parameter);
  if (source.kind === 'filter') return findSystemOfOwners(source.owners);
  return undefined;
}

/** A publisher's systems agree on the root device today; should they ever differ, nothing is guessed. */
function findSystemOfOwners(owners: readonly string[]): OperatingSystem | undefined {
  const theirs = operatingSystems.filter((known) => known.owners.some((owner) => owners.includes(owner)));
  const covered = owners.every((owner) => theirs.some((known) => known.owners.includes(owner)));
  const agree = new Set(theirs.map((known) => `${known.rootDeviceName} ${known.loginUser}`)).size === 1;
  return covered && agree ? theirs[0] : undefined;
}

function findUserOfOwners({ source }: ResolvedImage): string | undefined {
  if (source.kind !== 'ssm-parameter') return undefined;
  const users = new Set(source.owners.map((owner) => findLoginUserOfOwner(owner)));
  return users.size === 1 ? [...users][0] : undefined;
}
