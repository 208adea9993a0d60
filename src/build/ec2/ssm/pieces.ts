// Files in pieces that fit into commands and their output: no bucket, no inbound port, no key.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createError } from '../../../errors.js';
import { mapLimit } from '../../../map-limit.js';
import type { InstanceShell, LocalFile } from '../../../plugins/types.js';
import { quoteShell } from '../../../render/quote.js';
import { CONTROL_DIR } from '../step-script.js';

/** SSM takes 64 KB a command, the script around the piece among them. */
const PIECE_LENGTH = 44_000;
/** SSM shows the first 24,000 characters that a command prints: so many bytes in base64, and some room. */
const OUTPUT_BYTES = 17_900;
const PARALLEL = 4;
const LIMIT_SECONDS = 120;
/** About 230 commands. */
const MAX_DOWNLOAD_KIB = 4096;

type RunText = InstanceShell['run'];

/** Brings a file to `path` and runs `afterwards` in the command of the last piece. Errors: those of `run`. */
export async function uploadInPieces(
  { path: localPath, digest }: LocalFile,
  { path, afterwards }: { readonly path: string; readonly afterwards: string },
  run: RunText,
): Promise<void> {
  const pieces = cut((await readFile(localPath)).toString('base64'));
  const folder = `${CONTROL_DIR}/upload-${digest.slice(0, 16)}`;
  const send = (text: string) => run({ what: 'upload files', text, limitSeconds: LIMIT_SECONDS });
  const [last = ''] = pieces.splice(-1);
  const scripts = pieces.map((piece, index) => renderPiece(folder, index, piece));
  throwFirst(await mapLimit(scripts, PARALLEL, send));
  const file = quoteShell(path);
  const decode = `base64 -d >${file}`;
  // Pieces stay where they are, in memory, until the instance ends: whoever loses the answer asks once more.
  await send(`${PREPARE}${pieces.length === 0 ? `${decode} <<'END'` : `cat ${folder}/[0-9]* - <<'END' | ${decode}`}
${last}
END
printf '%s  %s\\n' ${digest} ${file} | sha256sum -c --quiet
${afterwards}`);
}

/** Fetches a file. Errors: EC2_DOWNLOAD_TOO_LARGE; EC2_DOWNLOAD_DAMAGED when it changed meanwhile; those of `run`. */
export async function downloadInPieces(path: string, localPath: string, run: RunText): Promise<void> {
  const file = quoteShell(path);
  const what = `fetch ${path}`;
  const ask = (text: string) => run({ what, text, limitSeconds: LIMIT_SECONDS });
  const [size = '0', digest = ''] = (await ask(`set -eu\nwc -c <${file}\nsha256sum <${file}\n`)).split(/\s+/);
  if (Number(size) > MAX_DOWNLOAD_KIB * 1024) {
    throw createError('EC2_DOWNLOAD_TOO_LARGE', [path, Math.ceil(Number(size) / 1024), MAX_DOWNLOAD_KIB]);
  }
  const offsets = Array.from({ length: Math.ceil(Number(size) / OUTPUT_BYTES) }, (_, index) => index * OUTPUT_BYTES);
  const results = await mapLimit(offsets, PARALLEL, async (offset) =>
    Buffer.from(await ask(`tail -c +${offset + 1} ${file} | head -c ${OUTPUT_BYTES} | base64 -w 0\n`), 'base64'),
  );
  throwFirst(results);
  const bytes = Buffer.concat(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
  if (createHash('sha256').update(bytes).digest('hex') !== digest) throw createError('EC2_DOWNLOAD_DAMAGED', [path]);
  await writeFile(localPath, bytes, { mode: 0o600 });
}

const PREPARE = `set -eu
umask 077
mkdir -p ${CONTROL_DIR}
`;

function renderPiece(folder: string, index: number, piece: string): string {
  const name = String(index).padStart(4, '0');
  return `${PREPARE}mkdir -p ${folder}
cat >${folder}/${name} <<'END'
${piece}
END
`;
}

function cut(text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / PIECE_LENGTH) }, (_, index) =>
    text.slice(index * PIECE_LENGTH, (index + 1) * PIECE_LENGTH),
  );
}

function throwFirst(results: readonly PromiseSettledResult<unknown>[]): void {
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
