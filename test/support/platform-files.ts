import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchiveFile, zipArchive } from '../../src/platform/zip-archive.js';

export const PLATFORM_FIXTURE = 'test/e2e/fixtures/eb-platform';

/** Path → content of the small platform that the end-to-end tests build. */
export function readPlatformFixture(): ReadonlyMap<string, string> {
  const paths = readdirSync(PLATFORM_FIXTURE, { recursive: true, encoding: 'utf8' });
  return new Map(
    paths
      .filter((path) => statSync(join(PLATFORM_FIXTURE, path)).isFile())
      .map((path) => [path, readFileSync(join(PLATFORM_FIXTURE, path), 'utf8')]),
  );
}

/** The small platform as an archive, with some files changed, or left out where the content is undefined. */
export function zipPlatform(changes: Readonly<Record<string, string | undefined>> = {}): Uint8Array {
  const files = new Map<string, string | undefined>([...readPlatformFixture(), ...Object.entries(changes)]);
  return zipArchive(
    [...files].flatMap(([path, text]): readonly ArchiveFile[] =>
      text === undefined ? [] : [{ path, mode: path.endsWith('.sh') ? 0o755 : 0o644, bytes: Buffer.from(text) }],
    ),
  );
}
