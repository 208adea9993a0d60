import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { zipArchive } from '../platform/zip-archive.js';
import type { RenderedFile } from '../render/rendered-file.js';

export interface ZipRequest {
  /** Absolute folder that exists. */
  readonly outDir: string;
  /** Name of the image; the archive is `outDir`/NAME.zip. */
  readonly name: string;
  readonly files: readonly RenderedFile[];
}

/** Writes the files as one archive, the same bytes for the same files, and returns its path. */
export async function zipRendered({ outDir, name, files }: ZipRequest): Promise<string> {
  const path = join(outDir, `${name}.zip`);
  // What the EB CLI leaves out of an archive as well.
  const sent = files.filter((file) => !file.path.startsWith('.elasticbeanstalk/') && file.path !== '.ebignore');
  const archive = zipArchive(
    sent.map((file) => ({
      path: file.path,
      mode: file.mode,
      bytes: 'text' in file.content ? Buffer.from(file.content.text) : readFileSync(file.content.copyOf),
    })),
  );
  await writeFileAtomic(path, Buffer.from(archive));
  return path;
}
