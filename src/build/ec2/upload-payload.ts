// The payload goes to the instance in pieces that fit into commands: no bucket, no inbound port, no key.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { createError } from '../../errors.js';
import { mapLimit } from '../../map-limit.js';
import { UPLOAD_DIR } from '../../render/packer/provisioners.js';
import { quoteShell } from '../../render/quote.js';
import type { RenderedFile } from '../../render/rendered-file.js';
import type { InstanceShell } from './instance-shell.js';
import { CONTROL_DIR } from './step-script.js';

/** SSM takes 64 KB a command, the script around the piece among them. */
const PIECE_LENGTH = 44_000;
/** About 60 commands; more is what buckets are for. */
const MAX_KIB = 2048;
const PARALLEL = 4;
const LIMIT_SECONDS = 120;

export interface PayloadUpload {
  readonly image: string;
  readonly files: readonly RenderedFile[];
  readonly loginUser: string;
}

/**
 * Puts files into the upload folder of the instance, closed to all but the login user. Doing it again replaces them.
 * Errors: EC2_PAYLOAD_TOO_LARGE, and those of the shell.
 */
export async function uploadPayload({ image, files, loginUser }: PayloadUpload, shell: InstanceShell): Promise<void> {
  const archive = await promisify(gzip)(await packFiles(files), { level: 9 });
  if (archive.length > MAX_KIB * 1024) {
    throw createError('EC2_PAYLOAD_TOO_LARGE', [image, Math.ceil(archive.length / 1024), MAX_KIB]);
  }
  const digest = createHash('sha256').update(archive).digest('hex');
  const pieces = cut(archive.toString('base64'));
  const folder = `${CONTROL_DIR}/upload-${digest.slice(0, 16)}`;
  const [last = ''] = pieces.splice(-1);
  const scripts = pieces.map((piece, index) => renderPiece(folder, index, piece));
  const results = await mapLimit(scripts, PARALLEL, (script) => send(script, shell));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  await send(`${renderPiece(folder, pieces.length, last)}${renderUnpack(folder, digest, loginUser)}`, shell);
}

async function send(text: string, shell: InstanceShell): Promise<void> {
  await shell.run({ what: 'upload the files of the image', text, limitSeconds: LIMIT_SECONDS });
}

function renderPiece(folder: string, index: number, piece: string): string {
  const name = String(index).padStart(4, '0');
  return `set -eu
umask 077
mkdir -p ${folder}
cat >${folder}/${name} <<'END'
${piece}
END
`;
}

function renderUnpack(folder: string, digest: string, loginUser: string): string {
  return `cat ${folder}/[0-9]* | base64 -d >${folder}/archive
echo '${digest}  ${folder}/archive' | sha256sum -c --quiet
rm -rf ${UPLOAD_DIR}
mkdir -m 0700 ${UPLOAD_DIR}
tar -xzf ${folder}/archive -C ${UPLOAD_DIR} --no-same-owner -p
chown -R ${quoteShell(loginUser)} ${UPLOAD_DIR}
rm -rf ${folder}
`;
}

function cut(text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / PIECE_LENGTH) }, (_, index) =>
    text.slice(index * PIECE_LENGTH, (index + 1) * PIECE_LENGTH),
  );
}

async function packFiles(files: readonly RenderedFile[]): Promise<Buffer> {
  const tar = pack();
  for (const { path, mode, content } of files) {
    const bytes = 'text' in content ? Buffer.from(content.text) : readFileSync(content.copyOf);
    tar.entry({ name: path, mode, mtime: new Date(0), uid: 0, gid: 0 }, bytes);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
