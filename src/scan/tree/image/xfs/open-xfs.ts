// Reads XFS version 4 and 5 without mounting. Checksums are not verified: a scan wants to see what is there.

import { createError } from '../../../../errors.js';
import type { BlockSource } from '../block-source.js';
import { damaged } from '../bytes.js';
import {
  checkLinkLength,
  createDirectoryBudget,
  type DirectoryRecord,
  type Extent,
  type Filesystem,
  type Inode,
  MAX_DIRECTORY_BYTES,
  MAX_READ_BYTES,
  readExtents,
} from '../filesystem.js';
import { gapReason, guard } from '../guard-filesystem.js';
import { parseAttributeBlock, parseShortAttributes } from './attributes.js';
import { parseDirectoryBlock, parseShortDirectory } from './directory.js';
import { listXfsExtents } from './extents.js';
import { attributeForkOf, createXfsInodeReader, dataForkOf, FORK_FORMAT, isRealtime } from './inode.js';
import { findXfsLogEnds } from './log.js';
import { readXfsSuperblock, type XfsSuperblock } from './superblock.js';

// Records of a directory lie below this byte of it; above are its hashes (XFS_DIR2_LEAF_OFFSET).
const DIRECTORY_RECORDS_END = 32 * 1024 ** 3;
const LINK_MAGIC = 0x58534c4d; // XSLM
const LINK_HEADER_BYTES = 56;
// Attributes of one file that are looked through; the kernel's own limit is far above what anybody uses.
const MAX_ATTRIBUTE_BLOCKS = 256;

/** Errors: SCAN_IMAGE_DAMAGED, SCAN_IMAGE_UNSUPPORTED. */
export async function openXfs(source: BlockSource): Promise<Filesystem> {
  const superblock = await readXfsSuperblock(source);
  const { blockBytes, directoryBlockBytes } = superblock;
  const spend = createDirectoryBudget(source);

  async function readStart(inode: Inode, length: number): Promise<Buffer> {
    const fork = dataForkOf(inode);
    if (fork.format === FORK_FORMAT.local) return fork.bytes.subarray(0, length);
    if (isRealtime(inode)) throw createError('SCAN_IMAGE_UNSUPPORTED', ['an XFS realtime device']);
    const extents = await listXfsExtents({ source, superblock, fork, wantedBlocks: Math.ceil(length / blockBytes) });
    return readExtents({ source, blockBytes, extents, length });
  }

  async function readDirectory(inode: Inode, onProblem: (reason: string) => void): Promise<DirectoryRecord[]> {
    const fork = dataForkOf(inode);
    if (fork.format === FORK_FORMAT.local) return parseShortDirectory(fork.bytes, superblock);
    const wantedBlocks = Math.min(DIRECTORY_RECORDS_END, Math.max(inode.size, directoryBlockBytes)) / blockBytes;
    const extents = await listXfsExtents({ source, superblock, fork, wantedBlocks });
    const found: DirectoryRecord[] = [];
    for await (const block of directoryBlocks(extents, onProblem)) {
      try {
        for (const record of parseDirectoryBlock(block, superblock)) found.push(record);
      } catch (error) {
        onProblem(error instanceof Error ? error.message : String(error));
      }
    }
    return found;
  }

  /** A directory block is one or more filesystem blocks, which need not lie together. */
  async function* directoryBlocks(
    extents: readonly Extent[],
    onProblem: (reason: string) => void,
  ): AsyncGenerator<Buffer> {
    const bytes = extents.reduce((sum, extent) => sum + extent.blocks * blockBytes, 0);
    if (bytes > MAX_DIRECTORY_BYTES) throw damaged(`a directory of ${bytes} bytes`);
    spend(bytes);
    const perBlock = directoryBlockBytes / blockBytes;
    let pieces: Buffer[] = [];
    let expected = 0;
    for (const { logicalBlock, offset, blocks } of extents) {
      for (let at = 0; at < blocks; at += 1) {
        const inBlock = (logicalBlock + at) % perBlock;
        if (pieces.length > 0 && logicalBlock + at !== expected) {
          onProblem('a block of this directory is missing');
          pieces = [];
        }
        if (inBlock !== pieces.length) continue;
        pieces.push(await source.read(offset + at * blockBytes, blockBytes));
        expected = logicalBlock + at + 1;
        if (pieces.length < perBlock) continue;
        yield perBlock === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
        pieces = [];
      }
    }
  }

  async function findCapability(inode: Inode): Promise<Buffer | undefined> {
    const fork = attributeForkOf(inode);
    if (fork === undefined) return undefined;
    if (fork.format === FORK_FORMAT.local) return parseShortAttributes(fork.bytes).get('security.capability');
    if (fork.extentCount === 0) return undefined;
    const extents = await listXfsExtents({ source, superblock, fork, wantedBlocks: MAX_ATTRIBUTE_BLOCKS });
    let left = MAX_ATTRIBUTE_BLOCKS;
    for (const { offset, blocks } of extents) {
      for (let at = 0; at < blocks && left > 0; at += 1) {
        left -= 1;
        const block = await source.read(offset + at * blockBytes, blockBytes);
        const value = parseAttributeBlock(block, superblock).get('security.capability');
        if (value !== undefined) return value;
      }
    }
    return undefined;
  }

  return {
    kind: 'xfs',
    uuid: superblock.uuid,
    label: superblock.label,
    notes: await listNotes(source, superblock),
    rootInode: superblock.rootInode,
    readInode: createXfsInodeReader(source, superblock),
    readDirectory,
    async readLink(inode) {
      const length = checkLinkLength(inode.size);
      const fork = dataForkOf(inode);
      if (fork.format === FORK_FORMAT.local) return fork.bytes.subarray(0, length).toString('latin1');
      return readRemoteLink(
        await listXfsExtents({ source, superblock, fork, wantedBlocks: Math.ceil(length / blockBytes) + 8 }),
        length,
      );
    },
    readContent: (inode, maxBytes) => readStart(inode, Math.min(inode.size, maxBytes, MAX_READ_BYTES)),
    async readAttributes(inode) {
      const value = await findCapability(inode);
      return value === undefined ? undefined : new Map([['security.capability', Uint8Array.from(value)]]);
    },
  };

  /** In version 5 each run of blocks of a long link starts with a header. */
  async function readRemoteLink(extents: readonly Extent[], length: number): Promise<string> {
    let link = '';
    for (const { offset, blocks } of extents) {
      const bytes = await source.read(offset, Math.min(blocks * blockBytes, 2 * 65536));
      if (superblock.isVersion5 && bytes.readUInt32BE(0) !== LINK_MAGIC) throw damaged('a symbolic link is damaged');
      link += bytes.toString('latin1', superblock.isVersion5 ? LINK_HEADER_BYTES : 0);
    }
    return link.slice(0, length);
  }
}

/** What keeps inodes and directories from being the whole truth. */
async function listNotes(source: BlockSource, superblock: XfsSuperblock): Promise<readonly string[]> {
  return [
    ...(superblock.needsRepair ? ['this XFS filesystem is marked as needing repair'] : []),
    ...(await describeLog(source, superblock)),
  ];
}

async function describeLog(source: BlockSource, superblock: XfsSuperblock): Promise<readonly string[]> {
  if (superblock.log.offset === 0) return ['the log of this XFS filesystem is on another device, which was not read'];
  try {
    const { head, tail } = await guard(findXfsLogEnds(source, superblock));
    if (head === tail) return [];
    return [
      'the XFS log holds changes that were not replayed; files, names and modes of before the capture may be missing',
    ];
  } catch (error) {
    return [`whether the XFS log holds changes is not known: ${gapReason(error)}`];
  }
}
