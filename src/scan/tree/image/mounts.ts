// Which filesystem of a disk is the root, and which others belong where, as the image's own /etc/fstab says.

import type { GapList } from '../tree-limits.js';
import type { Filesystem, Inode } from './filesystem.js';
import { gapReason } from './guard-filesystem.js';
import type { DiskLayout, Volume } from './volumes.js';

const MAX_FSTAB_BYTES = 256 * 1024;
// Any of them makes a directory /etc that of a system rather than of a data disk.
const SYSTEM_FILES = ['passwd', 'os-release', 'fstab'];

interface MountPlan {
  /** The root filesystem first. */
  readonly filesystems: readonly Filesystem[];
  /** Mount points with the place of their filesystem. */
  readonly mounts: ReadonlyMap<string, number>;
}

/** Puts the filesystems of a disk together; undefined when none of them holds /etc. */
export async function planMounts(layout: DiskLayout, gaps: GapList): Promise<MountPlan | undefined> {
  const roots: Volume[] = [];
  for (const volume of layout.volumes) if (await holdsSystem(volume.filesystem, gaps)) roots.push(volume);
  const [root] = roots;
  if (root?.filesystem === undefined) return undefined;
  const filesystems = [root.filesystem];
  const mounts = new Map<string, number>();
  const used = new Set<Volume>([root]);
  for (const { source, mountPoint } of parseFstab(await readFstab(root.filesystem, gaps))) {
    const volume = layout.volumes.find((each) => isNamedBy(each, source));
    if (volume === root) continue;
    if (volume !== undefined) used.add(volume);
    if (volume?.filesystem !== undefined) {
      mounts.set(mountPoint, filesystems.length);
      filesystems.push(volume.filesystem);
    } else if (volume !== undefined) gaps.add(mountPoint, describeUnread(volume), 'volume');
    else gaps.add(mountPoint, `${source} is mounted here, which is not on this disk`);
  }
  for (const volume of layout.volumes) {
    if (!used.has(volume) && !volume.isEmpty) gaps.add('/', describeUnused(volume), 'volume');
  }
  return { filesystems, mounts };
}

function describeUnread({ kind, problem }: Volume): string {
  if (problem !== undefined) return `its ${kind} filesystem cannot be read: ${problem}`;
  return kind === 'unknown' ? 'its volume holds nothing that is known here' : `a ${kind} filesystem, which is not read`;
}

function describeUnused({ kind, partition, problem }: Volume): string {
  const name = partition === undefined ? 'the volume' : `partition ${partition.number}`;
  if (problem !== undefined) return `${name} (${kind}) cannot be read: ${problem}`;
  if (kind === 'swap') return `${name} (swap) holds pages of memory, which were not looked at`;
  return `${name} (${kind}) is not mounted by /etc/fstab and was not looked at`;
}

async function holdsSystem(filesystem: Filesystem | undefined, gaps: GapList): Promise<boolean> {
  if (filesystem === undefined) return false;
  try {
    const etc = await findInode(filesystem, ['etc']);
    if (etc?.type !== 'directory') return false;
    const names = (await filesystem.readDirectory(etc, () => undefined)).map(({ rawName }) => rawName);
    return SYSTEM_FILES.some((name) => names.includes(name));
  } catch (error) {
    gaps.add('/', gapReason(error));
    return false;
  }
}

async function readFstab(filesystem: Filesystem, gaps: GapList): Promise<string> {
  try {
    const fstab = await findInode(filesystem, ['etc', 'fstab']);
    return fstab?.type === 'file' ? (await filesystem.readContent(fstab, MAX_FSTAB_BYTES)).toString('utf8') : '';
  } catch (error) {
    gaps.add('/etc/fstab', gapReason(error));
    return '';
  }
}

/** Follows names, not links. */
async function findInode(filesystem: Filesystem, names: readonly string[]): Promise<Inode | undefined> {
  let inode = await filesystem.readInode(filesystem.rootInode);
  for (const name of names) {
    if (inode.type !== 'directory') return undefined;
    const record = (await filesystem.readDirectory(inode, () => undefined)).find(({ rawName }) => rawName === name);
    if (record === undefined) return undefined;
    inode = await filesystem.readInode(record.inode);
  }
  return inode;
}

/** Lines of fstab that mount a disk below the root. */
function parseFstab(text: string): { source: string; mountPoint: string }[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([source = '#', mountPoint = '']) => isDiskName(source) && mountPoint.startsWith('/') && mountPoint !== '/')
    .map(([source = '', mountPoint = '']) => ({
      source: source.replaceAll('"', ''),
      mountPoint: mountPoint.replace(/(?<!\/)\/+$/, ''),
    }));
}

function isDiskName(source: string): boolean {
  return /^(UUID|LABEL|PARTUUID|PARTLABEL)=/.test(source) || source.startsWith('/dev/');
}

function isNamedBy({ filesystem, partition }: Volume, source: string): boolean {
  const [, key = '', value = ''] = /^(UUID|LABEL|PARTUUID|PARTLABEL)=(.*)$/.exec(source) ?? [];
  switch (key) {
    case 'UUID':
      return filesystem?.uuid === value.toLowerCase();
    case 'LABEL':
      return filesystem !== undefined && value !== '' && filesystem.label === value;
    case 'PARTUUID':
      return partition?.partitionUuid === value.toLowerCase();
    case 'PARTLABEL':
      return value !== '' && partition?.partitionLabel === value;
    default:
      // Only names of a first disk: /dev/sdb1 is somewhere else.
      return partition !== undefined && FIRST_DISK.exec(source)?.[1] === String(partition.number);
  }
}

const FIRST_DISK = /^\/dev\/(?:sda|vda|xvda|hda|nvme0n1p|mmcblk0p)(\d+)$/;
