import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parse } from 'yaml';
import yauzl from 'yauzl';
import type { PlatformFacts } from '../world/service-records.js';
import { isRecord } from './is-record.js';

export interface PlatformDefinition {
  /** Path of the Packer template in the folder. */
  readonly template: string;
  readonly facts: PlatformFacts;
}

export async function unpackPlatform(file: string, folder: string, signal: AbortSignal): Promise<PlatformDefinition> {
  await new Promise<void>((resolve, reject) => {
    yauzl.open(file, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      zip.on('entry', (entry: yauzl.Entry) => {
        const mode = entry.externalFileAttributes >>> 16;
        if (entry.fileName.endsWith('/')) return zip.readEntry();
        zip.openReadStream(entry, async (error2, stream) => {
          if (error2) return reject(error2);
          const target = join(folder, entry.fileName);
          await mkdir(dirname(target), { recursive: true });
          await pipeline(stream, createWriteStream(target, { mode: mode & 0o777 || 0o644 }), { signal });
          zip.readEntry();
        });
      });
      zip.once('end', () => resolve());
      zip.once('error', reject);
      zip.readEntry();
    });
  });
  const yaml: unknown = parse(await readFile(join(folder, 'platform.yaml'), 'utf8'));
  const provisioner = isRecord(yaml) && isRecord(yaml['provisioner']) ? yaml['provisioner'] : {};
  return {
    template: String(provisioner['template']),
    facts: { metadata: {}, optionDefinitions: [], optionSettings: [] },
  };
}
