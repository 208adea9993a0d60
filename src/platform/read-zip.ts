// Zip files of strangers. Names are decoded and judged here rather than by yauzl, which ends at the first bad one; every
// entry is inflated once, counted and thrown away, so that sizes and checksums are known to hold before anything is read.
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Entry, open, type ZipFile } from 'yauzl';
import { limits } from '../lib/limits.js';
import { type ArchiveEntry, assertSize, MAX_ARCHIVE_MIB, MAX_ENTRIES, type PlatformArchive } from './archive.js';
import { findLinkProblem, isPathUnsafe } from './check-path.js';
import { makeFinding, type PlatformFinding } from './finding.js';

const MIB = 1024 * 1024;
/** A platform of 512 MiB that is all text deflates to a fifth; more than this is made to fill a disk. */
const MAX_UNPACKED_BYTES = limits.archiveUnpackedBytes;
const MAX_RATIO = 200;
/** Small archives may deflate as well as they like. */
const RATIO_FROM_BYTES = 64 * MIB;
const MAX_LINK_TARGET_BYTES = 4096;

/** A zip file as an archive. */
export async function readZip(path: string, sizeBytes: number, signal: AbortSignal): Promise<PlatformArchive> {
  const failed = (...findings: readonly PlatformFinding[]): PlatformArchive => ({
    name: path,
    entries: new Map(),
    findings,
    close: () => undefined,
  });
  if (sizeBytes > MAX_ARCHIVE_MIB * MIB) {
    return failed(makeFinding('ARCHIVE_TOO_LARGE', { path: '' }, [Math.ceil(sizeBytes / MIB), MAX_ARCHIVE_MIB]));
  }
  try {
    const zip = await openZip(path);
    const listed = await listEntries(zip, signal);
    const bomb = listed.length > MAX_ENTRIES ? undefined : findBomb(listed, sizeBytes);
    if (listed.length > MAX_ENTRIES || bomb !== undefined) {
      zip.close();
      return failed(
        bomb === undefined
          ? makeFinding('ARCHIVE_TOO_MANY_ENTRIES', { path: '' }, [MAX_ENTRIES])
          : makeFinding('ARCHIVE_BOMB', { path: '' }, [bomb]),
      );
    }
    return { name: path, ...(await describeEntries(zip, listed, signal)), close: () => zip.close() };
  } catch (error) {
    signal.throwIfAborted();
    return failed(makeFinding('ARCHIVE_NOT_ZIP', { path: '' }, [path, explain(error)]));
  }
}

function openZip(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    open(path, { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true }, (error, zip) =>
      error === null ? resolve(zip) : reject(error),
    );
  });
}

function listEntries(zip: ZipFile, signal: AbortSignal): Promise<readonly Entry[]> {
  return new Promise((resolve, reject) => {
    const found: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      found.push(entry);
      if (signal.aborted) reject(signal.reason as Error);
      else if (found.length > MAX_ENTRIES) resolve(found);
      else zip.readEntry();
    });
    zip.once('end', () => resolve(found));
    zip.once('error', reject);
    zip.readEntry();
  });
}

/** Why the archive would unpack to far more than it is; entries that share their bytes are the known trick. */
function findBomb(entries: readonly Entry[], sizeBytes: number): string | undefined {
  const total = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  const size = `${Math.ceil(total / MIB)} MiB out of ${Math.ceil(sizeBytes / 1024)} KiB`;
  if (total > MAX_UNPACKED_BYTES || (total > RATIO_FROM_BYTES && total / sizeBytes > MAX_RATIO)) return size;
  const byOffset = [...entries].sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  const isOverlapping = byOffset.some((entry, index) => {
    const next = byOffset[index + 1];
    return (
      next !== undefined && entry.relativeOffsetOfLocalHeader + entry.compressedSize > next.relativeOffsetOfLocalHeader
    );
  });
  return isOverlapping ? 'its entries share the same bytes' : undefined;
}

async function describeEntries(zip: ZipFile, listed: readonly Entry[], signal: AbortSignal) {
  const entries = new Map<string, ArchiveEntry>();
  const findings: PlatformFinding[] = [];
  for (const listing of listed) {
    signal.throwIfAborted();
    const name = decodeName(listing);
    if (name === './') continue;
    const path = name.replace(/^\.\//, '').replace(/(?<!\/)\/+$/, '');
    if (isPathUnsafe(path)) {
      findings.push(makeFinding('ARCHIVE_PATH_ESCAPES', { path: name }, [name]));
      continue;
    }
    if (entries.has(path)) findings.push(makeFinding('ARCHIVE_DUPLICATE_ENTRY', { path }, [path]));
    const problem = listing.isEncrypted()
      ? makeFinding('ARCHIVE_ENCRYPTED', { path }, [path])
      : await findDamage(zip, listing, path);
    if (problem !== undefined) {
      findings.push(problem);
      continue;
    }
    const entry = await describeEntry(zip, listing, { path, isFolder: name.endsWith('/') });
    entries.set(path, entry);
    findings.push(...findLinkProblem(entry));
    if (entry.kind === 'special') findings.push(makeFinding('ARCHIVE_SPECIAL_FILE', { path }, [path]));
  }
  return { entries, findings };
}

/** Names are UTF-8 when the flag says so, and CP437 otherwise, whose ASCII half is all that matters here. */
function decodeName(entry: Entry): string {
  const bytes = entry.fileName as unknown as Buffer;
  return bytes.toString((entry.generalPurposeBitFlag & 0x800) === 0 && !isUtf8(bytes) ? 'latin1' : 'utf8');
}

function isUtf8(bytes: Buffer): boolean {
  return !bytes.toString('utf8').includes('\ufffd');
}

async function findDamage(zip: ZipFile, entry: Entry, path: string): Promise<PlatformFinding | undefined> {
  try {
    await inflate(zip, entry, () => undefined);
    return undefined;
  } catch (error) {
    return makeFinding('ARCHIVE_DAMAGED', { path }, [path, explain(error)]);
  }
}

/** Hands the content over piece by piece; yauzl fails as soon as there is more of it than the archive says. */
async function inflate(zip: ZipFile, entry: Entry, take: (piece: Buffer) => void): Promise<void> {
  for await (const piece of await openEntry(zip, entry)) take(piece as Buffer);
}

function openEntry(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error === null ? resolve(stream) : reject(error)));
  });
}

const FILE_TYPE = 0o170000;
const LINK = 0o120000;
const FOLDER = 0o040000;
const REGULAR = 0o100000;

async function describeEntry(
  zip: ZipFile,
  listing: Entry,
  { path, isFolder }: { readonly path: string; readonly isFolder: boolean },
): Promise<ArchiveEntry> {
  const mode = listing.externalFileAttributes >>> 16;
  const type = mode & FILE_TYPE;
  const kind =
    isFolder || type === FOLDER ? 'folder' : type === LINK ? 'link' : [0, REGULAR].includes(type) ? 'file' : 'special';
  const read = async (maxBytes: number) => {
    assertSize({ path, sizeBytes: listing.uncompressedSize }, maxBytes);
    const pieces: Buffer[] = [];
    await inflate(zip, listing, (piece) => pieces.push(piece));
    return Buffer.concat(pieces);
  };
  const isReadable = kind === 'link' && listing.uncompressedSize <= MAX_LINK_TARGET_BYTES;
  return {
    path,
    kind,
    sizeBytes: listing.uncompressedSize,
    isExecutable: (mode & 0o111) !== 0,
    ...(isReadable ? { target: (await read(MAX_LINK_TARGET_BYTES)).toString('utf8') } : {}),
    read,
    copyTo: async (target, fileMode) =>
      await pipeline(await openEntry(zip, listing), createWriteStream(target, { mode: fileMode, flags: 'wx' })),
  };
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
