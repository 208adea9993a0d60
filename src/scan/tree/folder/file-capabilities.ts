// Node has no getxattr. File capabilities (security.capability) only matter on programs, so one run of getfattr over
// the executables that were indexed is enough; where it is not installed, the report says so.

import { execa } from 'execa';
import { displayName } from '../entry-name.js';
import type { FileIndex } from '../file-index.js';
import type { GapList } from '../tree-limits.js';

const CAPABILITY = 'security.capability';
// Linux takes 128 KiB for one argument and about 2 MiB for all of them.
const MAX_ARGUMENT_BYTES = 512 * 1024;
const TIMEOUT_MS = 60_000;

interface CapabilityRead {
  readonly index: FileIndex;
  readonly root: string;
  readonly gaps: GapList;
  readonly signal: AbortSignal;
}

/** Adds `security.capability` to the executables of the index that have it. */
export async function addFileCapabilities({ index, root, gaps, signal }: CapabilityRead): Promise<void> {
  for (const batch of batchExecutables(index, root)) {
    const result = await execa(
      'getfattr',
      ['-h', '-P', '--absolute-names', '-e', 'hex', '-n', CAPABILITY, '--', ...batch.keys()],
      {
        reject: false,
        encoding: 'latin1',
        cancelSignal: signal,
        timeout: TIMEOUT_MS,
      },
    );
    signal.throwIfAborted();
    if (result.code === 'ENOENT') {
      gaps.add('/', 'file capabilities were not looked at: getfattr is not installed (package attr)');
      return;
    }
    for (const { path, value } of parseGetfattr(result.stdout)) {
      const node = batch.get(path);
      if (node !== undefined) index.setAttributes(node, new Map([[CAPABILITY, value]]));
    }
  }
}

/** Paths of executables with their nodes, in batches that fit a command line. Names that are not plain text are left out. */
function* batchExecutables(index: FileIndex, root: string): Generator<Map<string, number>> {
  let batch = new Map<string, number>();
  let bytes = 0;
  for (let node = 0; node < index.count; node += 1) {
    if (index.typeOf(node) !== 'file' || (index.modeOf(node) & 0o111) === 0) continue;
    const path = `${root}${displayName(index.rawPathOf(node))}`;
    if (path.includes('\\')) continue;
    if (bytes + path.length > MAX_ARGUMENT_BYTES) {
      yield batch;
      batch = new Map();
      bytes = 0;
    }
    batch.set(path, node);
    bytes += path.length + 9;
  }
  if (batch.size > 0) yield batch;
}

function parseGetfattr(output: string): { path: string; value: Uint8Array }[] {
  const found: { path: string; value: Uint8Array }[] = [];
  for (const block of output.split('\n\n')) {
    const path = /^# file: (.*)$/m.exec(block)?.[1];
    const value = /^security\.capability=0x([0-9a-f]+)$/m.exec(block)?.[1];
    if (path === undefined || value === undefined) continue;
    found.push({ path: unescapeOctal(path), value: Buffer.from(value, 'hex') });
  }
  return found;
}

/** getfattr writes `\ooo` for a byte that is not printable ASCII. */
function unescapeOctal(path: string): string {
  return Buffer.from(
    path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    'latin1',
  ).toString('utf8');
}
