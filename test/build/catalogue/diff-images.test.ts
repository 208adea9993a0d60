import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { diffImages } from '../../../src/build/catalogue/diff-images.js';
import { type ContentsScope, readContents } from '../../../src/build/catalogue/read-contents.js';
import { systemClock } from '../../../src/build/context.js';
import { formatDiff } from '../../../src/cli/format-diff.js';
import { createPaint } from '../../../src/cli/paint.js';
import { A_FAULT, aSnapshotReader } from '../../support/a-captured-disk.js';
import { anImageMetadata } from '../../support/an-image-metadata.js';
import { withTemporaryFolder } from '../../support/temporary-folder.js';

const [OLD, NEW] = ['ami-0000000000000000a', 'ami-0000000000000000b'];
const SBOM = JSON.stringify({ components: [{ purl: 'pkg:deb/debian/bash@5.2.14-1?arch=amd64&distro=debian-12' }] });
const FINDING = { check: 'SSH-001', severity: 'high', message: 'is open', path: '/etc/ssh/sshd_config' };

/** The papers of a run about the image `OLD`. */
function writePapers(stateFolder: string, run: string): void {
  const folder = join(stateFolder, 'buildimg', 'runs', run);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'sbom.cdx.json'), SBOM);
  const report = { target: OLD, policy: 'baseline', findings: [FINDING], waived: [] };
  writeFileSync(join(folder, 'scan.json'), JSON.stringify(report));
}

function imageOf(run: string, sbomSha256: string) {
  return anImageMetadata({
    id: OLD,
    tags: {
      'buildimg:version': '1.0.0',
      'buildimg:run': run,
      'buildimg:scan-policy': 'baseline',
      'buildimg:sbom-sha256': sbomSha256,
    },
  });
}

const DIGEST = createHash('sha256').update(SBOM).digest('hex');

function scopeOf(folder: string): ContentsScope {
  const snapshotIds = anImageMetadata().devices.flatMap(({ snapshotId }) => snapshotId ?? []);
  return {
    snapshots: aSnapshotReader(folder, snapshotIds, A_FAULT),
    context: { clock: systemClock, environment: { XDG_STATE_HOME: folder } },
    policy: 'baseline',
    signal: new AbortController().signal,
  };
}

describe('diffImages', () => {
  it('holds the papers of one image against the snapshot of another', () =>
    withTemporaryFolder(async (folder) => {
      writePapers(folder, 'r-1');
      const scope = scopeOf(folder);
      const before = imageOf('r-1', DIGEST);
      const after = anImageMetadata({ id: NEW, imdsSupport: undefined, tags: { 'buildimg:version': '1.1.0' } });

      const diff = diffImages(
        { image: before, contents: await readContents(before, scope) },
        { image: after, contents: await readContents(after, scope) },
        'baseline',
      );

      expect([diff.before.run, diff.after.run]).toEqual(['r-1', undefined]);
      expect(diff.properties).toEqual([{ name: 'IMDS', before: 'v2.0', after: undefined }]);
      expect(diff.tags).toContainEqual({ name: 'buildimg:version', before: '1.0.0', after: '1.1.0' });
      expect(diff.packages).toMatchObject([{ name: 'bash', before: '5.2.14-1', after: '5.2.15-2' }]);
      expect(diff.findings.vanished).toEqual([FINDING]);
      expect(diff.findings.appeared.map(({ path }) => path)).toContain('/opt/app/id_ed25519');
      expect(formatDiff(diff, createPaint(false)).join('\n')).toContain('~ bash (deb, amd64) 5.2.14-1 → 5.2.15-2');
    }));

  it('finds no difference between an image and itself', () =>
    withTemporaryFolder(async (folder) => {
      const image = anImageMetadata();
      const side = { image, contents: await readContents(image, scopeOf(folder)) };

      const { properties, tags, packages, findings } = diffImages(side, side, 'baseline');

      expect([properties, tags, packages, findings.appeared, findings.vanished]).toEqual([[], [], [], [], []]);
    }));
});

describe('readContents', () => {
  it.each([
    ['another bill of materials than the image says', 'r-1', '0'.repeat(64)],
    ['the papers of a run that is not here', 'r-2', DIGEST],
    ['a run that is no name of one', '../../etc', DIGEST],
  ])('reads the snapshot rather than %s', (_, run, digest) =>
    withTemporaryFolder(async (folder) => {
      writePapers(folder, 'r-1');

      const contents = await readContents(imageOf(run, digest), scopeOf(folder));

      expect(contents.run).toBeUndefined();
      expect(contents.packages).toEqual(['pkg:deb/debian/bash@5.2.15-2?arch=amd64&distro=debian-12']);
    }),
  );
});
