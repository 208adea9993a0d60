import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { InstanceShell, LocalFile } from '../../plugins/types.js';
import { UPLOAD_DIR } from '../../render/packer/provisioners.js';
import { quoteShell } from '../../render/quote.js';
import type { RenderedFile } from '../../render/rendered-file.js';
import { CONTROL_DIR } from './step-script.js';

/** Writes files as one archive, the same bytes for the same files. A file at a time is in memory. */
export async function packPayload(files: readonly RenderedFile[], path: string): Promise<LocalFile> {
  const tar = pack();
  const hash = createHash('sha256');
  const gzip = createGzip({ level: 9 });
  gzip.on('data', (chunk: Buffer) => hash.update(chunk));
  const written = pipeline(tar, gzip, createWriteStream(path, { mode: 0o600 }));
  for (const { path: name, mode, content } of files) {
    const bytes = 'text' in content ? Buffer.from(content.text) : await readFile(content.copyOf);
    await new Promise<void>((resolve, reject) => {
      const entry = { name, mode, mtime: new Date(0), uid: 0, gid: 0 };
      tar.entry(entry, bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
  tar.finalize();
  await written;
  return { path, size: (await stat(path)).size, digest: hash.digest('hex') };
}

/** Puts the payload into the upload folder of the instance, closed to all but the login user. Again: it is replaced. */
export async function uploadPayload(payload: LocalFile, loginUser: string, shell: InstanceShell): Promise<void> {
  const archive = `${CONTROL_DIR}/payload-${payload.digest.slice(0, 16)}.tar.gz`;
  const afterwards = `rm -rf ${UPLOAD_DIR}
mkdir -m 0700 ${UPLOAD_DIR}
tar -xzf ${archive} -C ${UPLOAD_DIR} --no-same-owner -p
chown -R ${quoteShell(loginUser)} ${UPLOAD_DIR}
rm -f ${archive}
`;
  await shell.upload(payload, { path: archive, afterwards });
}
