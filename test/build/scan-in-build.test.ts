// The scan as a part of a build: of the instance before it is captured, and of the image after it.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ScanConfig } from '../../src/config/resolved-config.js';
import { A_FAULT, aSnapshotReader, collect } from '../support/a-captured-disk.js';
import { addImage, addInstance, LAUNCH, leftOf, prepareBuild } from '../support/prepare-build.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const STRICT: ScanConfig = { policy: 'baseline', failOn: 'critical', waivers: [] };
const LAX: ScanConfig = { ...STRICT, failOn: 'none' };

describe('the scan of what a build captured', () => {
  it('is named by the outcome, stored with the run and told by the tags of the AMI', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build } = await prepareBuild(folder);
      const snapshots = aSnapshotReader(folder, ['snap-1']);

      const { scan } = await build({ snapshots, onPacker: (run, name) => addImage(ec2, run, name) });

      const { counts } = scan ?? {};
      expect(scan).toMatchObject({ policy: 'baseline', failOn: 'none', failing: false, counts: { critical: 0 } });
      expect(readJson(scan?.report)).toMatchObject({ format: 'buildimg-scan/1', target: 'ami-1', counts });
      expect(readJson(scan?.sbom.cyclonedx)).toMatchObject({ bomFormat: 'CycloneDX' });
      expect(readJson(scan?.sbom.spdx)).toMatchObject({ spdxVersion: 'SPDX-2.3' });
      expect(statSync(scan?.report ?? '').mode & 0o777).toBe(0o600);
      expect(ec2.images.get('ami-1')?.tags).toMatchObject({
        'buildimg:scan-policy': 'baseline',
        'buildimg:scan-findings': `critical=0 high=${counts?.high} medium=${counts?.medium} low=${counts?.low}`,
        'buildimg:sbom-sha256': sha256Of(scan?.sbom.cyclonedx),
      });
    }));

  it('removes the AMI that does not pass, and keeps the report', () =>
    withTemporaryFolder(async (folder) => {
      const collected = collect(folder, {});
      const { ec2, build } = await prepareBuild(folder, { collected });
      const snapshots = aSnapshotReader(folder, ['snap-1'], A_FAULT);

      const failure = build({ scan: STRICT, snapshots, onPacker: (run, name) => addImage(ec2, run, name) });

      await expect(failure).rejects.toMatchObject({
        code: 'SCAN_FINDINGS',
        exit: 5,
        message: expect.stringMatching(/policy baseline[^]*SEC-003[^]*\/opt\/app\/id_ed25519[^]*removed[^]*scan\.json/),
      });
      expect(leftOf(ec2)).toEqual([]);
      expect(readJson(findRunFile(folder, 'scan.json'))).toMatchObject({ failing: true });
    }));

  it.each([
    ['whose journal was not replayed', ['snap-1'], 'feature needs_recovery', /journal/],
    ['that has errors', ['snap-1'], 'set_super_value state 3', /errors/],
  ])('removes an AMI %s', async (_what, ids, request, reason) =>
    withTemporaryFolder(async (folder) => {
      const snapshots = aSnapshotReader(folder, ids, {}, ['debugfs', '-w', '-R', request]);
      const { ec2, build } = await prepareBuild(folder, { collected: collect(folder, {}) });

      const failure = build({ scan: STRICT, snapshots, onPacker: (run, name) => addImage(ec2, run, name) });
      await expect(failure).rejects.toMatchObject({
        code: 'SCAN_FINDINGS',
        exit: 5,
        message: expect.stringMatching(reason),
      });
      expect(leftOf(ec2)).toEqual([]);
    }),
  );

  it('keeps an AMI whose journal was not replayed when gaps are allowed, and says so in its tags', async () =>
    withTemporaryFolder(async (folder) => {
      const snapshots = aSnapshotReader(folder, ['snap-1'], {}, ['debugfs', '-w', '-R', 'feature needs_recovery']);
      const { ec2, build } = await prepareBuild(folder, { collected: collect(folder, {}) });

      const { scan } = await build({
        scan: { ...STRICT, allowGaps: true },
        snapshots,
        onPacker: (run, name) => addImage(ec2, run, name),
      });

      expect(scan).toMatchObject({ failing: false });
      expect(ec2.images.get('ami-1')?.tags).toMatchObject({ 'buildimg:scan-gaps': '1' });
    }));

  it('keeps the AMI with a warning when findings are allowed, and does not hold up packer', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build, events } = await prepareBuild(folder);
      const snapshots = aSnapshotReader(folder, ['snap-1'], A_FAULT);

      const outcome = await build({
        scan: STRICT,
        allowFindings: true,
        snapshots,
        onPacker: (run, name) => addImage(ec2, run, name),
      });

      expect(outcome).toMatchObject({ outcome: 'built', scan: { failing: true } });
      expect(leftOf(ec2)).toEqual(['ami-1']);
      expect(warningsOf(events)).toEqual([expect.stringContaining('ami-1 is kept although')]);
    }));

  it('takes a waiver until its day and not a day longer', () =>
    withTemporaryFolder(async (folder) => {
      const collected = collect(folder, A_FAULT);
      const { ec2, build } = await prepareBuild(folder, { collected });
      const snapshots = aSnapshotReader(folder, ['snap-1'], A_FAULT);
      const waiver = { check: 'SEC-003', path: '/opt/**', reason: 'a sample' };
      const until = (expires: string): ScanConfig => ({ ...STRICT, waivers: [{ ...waiver, expires }] });

      const waived = await build({
        scan: until('2999-01-31'),
        snapshots,
        onPacker: (run, name) => addImage(ec2, run, name),
      });
      const expired = build({ scan: until('2020-01-31'), force: true, snapshots });

      expect(readJson(waived.scan?.report)).toMatchObject({ waived: [{ check: 'SEC-003', reason: 'a sample' }] });
      await expect(expired).rejects.toMatchObject({ message: expect.stringContaining('expired on 2020-01-31') });
    }));

  it('that cannot read the image is a warning when nothing is asked of it', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build, events } = await prepareBuild(folder);

      const outcome = await build({ scan: LAX, onPacker: (run, name) => addImage(ec2, run, name) });

      expect(outcome).toMatchObject({ outcome: 'built', amiId: 'ami-1' });
      expect(outcome.scan).toBeUndefined();
      expect(warningsOf(events)).toEqual([expect.stringContaining('ami-1 was not scanned')]);
    }));

  it('that cannot read the image is a failure when something is asked of it', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build } = await prepareBuild(folder, { collected: collect(folder, {}) });

      const failure = build({ scan: STRICT, onPacker: (run, name) => addImage(ec2, run, name) });

      await expect(failure).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
      expect(leftOf(ec2)).toEqual([]);
    }));
});

describe('the scan of an image that is there already', () => {
  it('is left out when its tags prove that it passes', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build } = await prepareBuild(folder, { collected: collect(folder, {}) });
      const snapshots = aSnapshotReader(folder, ['snap-1']);
      await build({ scan: STRICT, snapshots, onPacker: (run, name) => addImage(ec2, run, name) });

      const again = await build({ scan: STRICT });

      expect(again).toMatchObject({ outcome: 'unchanged', amiId: 'ami-1' });
      expect(again.scan).toBeUndefined();
    }));

  it('refuses one that was allowed findings before, and leaves it as it is', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build } = await prepareBuild(folder);
      const snapshots = aSnapshotReader(folder, ['snap-1'], A_FAULT);
      await build({
        scan: STRICT,
        allowFindings: true,
        snapshots,
        onPacker: (run, name) => addImage(ec2, run, name),
      });

      const again = build({ scan: STRICT, snapshots });

      await expect(again).rejects.toMatchObject({
        code: 'SCAN_FINDINGS',
        message: expect.stringContaining('ami-1 was made by an earlier build and is left as it is'),
      });
      expect(leftOf(ec2)).toEqual(['ami-1']);
    }));
});

describe('the look at the instance before it is captured', () => {
  it('ends packer before it captures anything, and leaves nothing', () =>
    withTemporaryFolder(async (folder) => {
      const collected = collect(folder, A_FAULT);
      const script = { lines: LAUNCH, collected, afterGate: [',ui,say,==> ami: Creating AMI web from instance i-1'] };
      const { ec2, build, events } = await prepareBuild(folder, script);

      const failure = build({ scan: STRICT, onPacker: (run) => addInstance(ec2, run) });

      await expect(failure).rejects.toMatchObject({
        code: 'SCAN_FINDINGS',
        exit: 5,
        message: expect.stringMatching(/SEC-003[^]*It was not captured[^]*scan-instance\.json/),
      });
      expect(leftOf(ec2)).toEqual([]);
      expect(readFileSync(join(folder, 'verdict'), 'utf8')).toBe('refused\n');
      expect(events).not.toContainEqual(expect.objectContaining({ name: 'step.started', step: 'create image' }));
      expect(existsSync(findRunFile(folder, 'web/collected.tar.gz'))).toBe(false);
    }));

  it('does not ask for what seal is still to do', () =>
    withTemporaryFolder(async (folder) => {
      const unsealed = {
        '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
        '/root/.bash_history': 'secret command\n',
        '/etc/ssh/ssh_host_ed25519_key': 'key',
      };
      const { ec2, build } = await prepareBuild(folder, { lines: LAUNCH, collected: collect(folder, unsealed) });
      const snapshots = aSnapshotReader(folder, ['snap-1']);

      const outcome = await build({
        scan: STRICT,
        snapshots,
        onPacker: (run, name) => addImage(ec2, run, name),
      });

      expect(outcome.outcome).toBe('built');
      expect(readFileSync(join(folder, 'verdict'), 'utf8')).toBe('passes\n');
    }));

  it('refuses an instance whose archive cannot be read', () =>
    withTemporaryFolder(async (folder) => {
      const collected = join(folder, 'packer');
      const { ec2, build } = await prepareBuild(folder, { lines: LAUNCH, collected });

      const failure = build({ scan: STRICT, onPacker: (run) => addInstance(ec2, run) });

      await expect(failure).rejects.toThrow(/incorrect header check/);
      expect(leftOf(ec2)).toEqual([]);
    }));
});

function findRunFile(folder: string, file: string): string {
  const runs = join(folder, 'state', 'buildimg', 'runs');
  return join(runs, readdirSync(runs).at(-1) ?? '', file);
}

function readJson(file: string | undefined): unknown {
  return JSON.parse(readFileSync(file ?? '', 'utf8'));
}

function sha256Of(file: string | undefined): string {
  return execFileSync('sha256sum', [file ?? ''], { encoding: 'utf8' }).slice(0, 64);
}

function warningsOf(events: readonly { readonly name: string; readonly message?: string }[]): readonly unknown[] {
  return events.filter(({ name }) => name === 'warning.raised').map(({ message }) => message);
}
