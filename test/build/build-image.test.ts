import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { getRun } from '../../src/build/read-runs.js';
import { createError } from '../../src/errors.js';
import { collect } from '../support/a-captured-disk.js';
import { anImage } from '../support/an-image.js';
import { aMachineImage } from '../support/fake-ec2.js';
import { addImage, addInstance, LAUNCH, leftOf, prepareBuild } from '../support/prepare-build.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

describe('buildImage', () => {
  it('builds, verifies the image and says where everything is', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build } = await prepareBuild(folder, { lines: [...LAUNCH, ',ui,message,    ami: AMI: ami-1'] });

      const outcome = await build({ onPacker: (run, name) => addImage(ec2, run, name) });

      expect(outcome).toMatchObject({
        image: 'web',
        outcome: 'built',
        amiId: 'ami-1',
        amiName: expect.stringMatching(/^web-x86_64-1\.4\.0-[0-9a-f]{8}$/),
        snapshotIds: ['snap-1'],
        region: 'us-east-1',
        logFile: expect.stringContaining('build.log'),
      });
      expect([...ec2.images.keys()]).toEqual(['ami-debian', 'ami-1']);
    }));

  it('tells packer the port and the address to come from, and nothing else that differs between sandbox and AWS', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build } = await prepareBuild(folder, {});
      await build({ sshPort: 2222, onPacker: (run, name) => addImage(ec2, run, name) });

      const words = readFileSync(join(folder, 'arguments'), 'utf8').trim().split(' ');
      const variables = words.filter((_, index) => words[index - 1] === '-var').map((each) => each.split('=')[0]);

      expect(variables).toEqual(['run_id', 'expires', 'ssh_port', 'ssh_source_cidr']);
      expect(words).toContain('ssh_port=2222');
      const expires = words.find((word) => word.startsWith('expires='))?.slice('expires='.length) ?? '';
      expect(Date.parse(expires) - Date.now()).toBeGreaterThan(11 * 3_600_000);
    }));

  it('gives secrets to packer by a file of mode 0600 that is gone afterwards, and shows and keeps them nowhere', () =>
    withTemporaryFolder(async (folder) => {
      const lines = [...LAUNCH, ',ui,message,    ami: it is tell no-one'];
      const { ec2, events, build } = await prepareBuild(folder, { lines });
      const environment = { TOKEN: 'tell no-one' };
      const image = {
        provisioners: [{ name: 'shell', options: { inline: ['true'], environment } }, ...anImage().provisioners],
        secrets: [{ name: 'token', value: 'tell no-one', entry: 'web', where: 'images.web' }],
      };

      await build({ image, onPacker: (run, name) => addImage(ec2, run, name) });

      const variables: unknown = JSON.parse(readFileSync(join(folder, 'variables'), 'utf8'));
      expect(variables).toEqual({ token: 'tell no-one' });
      expect(readFileSync(join(folder, 'variables-mode'), 'utf8').trim()).toBe('600');
      expect(readFileSync(join(folder, 'arguments'), 'utf8')).not.toContain('no-one');
      expect(JSON.stringify(events)).toContain('it is ***');
      const kept = readdirSync(join(folder, 'state'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
      expect(kept.length).toBeGreaterThan(3);
      expect([JSON.stringify(events), ...kept].filter((text) => text.includes('no-one'))).toEqual([]);
    }));

  it('refuses a secret that packer would run as a template, before anything is made', () =>
    withTemporaryFolder(async (folder) => {
      const { events, build } = await prepareBuild(folder, {});
      const secret = { name: 'token', value: 'a{{b', entry: 'web', where: 'images.web.x.TOKEN' };

      await expect(build({ image: { secrets: [secret] } })).rejects.toMatchObject({
        code: 'PACKER_TEMPLATE_IN_TEXT',
        message: expect.stringContaining('images.web.x.TOKEN contains "{{"'),
      });
      expect(JSON.stringify(events)).not.toContain('a{{b');
    }));

  it('does nothing when the same inputs have made the image before', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build, events } = await prepareBuild(folder, {});
      const first = await build({ onPacker: (run, name) => addImage(ec2, run, name) });
      events.length = 0;

      const second = await build();

      expect(second).toMatchObject({ outcome: 'unchanged', amiId: first.amiId, amiName: first.amiName });
      expect(second.logFile).toBeUndefined();
      expect(events.map(({ name }) => name)).not.toContain('resource.created');
    }));

  it('builds the same inputs again under a suffixed name when forced', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build } = await prepareBuild(folder, {});
      const first = await build({ onPacker: (run, name) => addImage(ec2, run, name) });

      const second = await build({ force: true, onPacker: (run, name) => addImage(ec2, run, name, 'ami-2') });

      expect(second).toMatchObject({ outcome: 'built', amiId: 'ami-2', amiName: `${first.amiName}-r2` });
    }));

  it('names the step that failed and the reason, and leaves nothing behind', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build } = await prepareBuild(folder, {
        lines: [
          ...LAUNCH,
          ',ui,message,    ami: <secret> 1',
          ',ui,error,==> ami: E: Unable to locate package ngnix',
          ',ui,say,==> ami: Provisioning step had errors: Running the cleanup provisioner%!(PACKER_COMMA) if present...',
          ',ui,say,==> ami: Terminating the source AWS instance...',
          'ami,error,Script exited with non-zero exit status: 100.Allowed exit codes are: [0]',
        ],
        exitCode: 1,
      });

      const failure = build({ onPacker: (run) => addInstance(ec2, run) });

      await expect(failure).rejects.toMatchObject({
        code: 'PACKER_BUILD_FAILED',
        exit: 4,
        message: expect.stringMatching(/step "upload"[^]*Unable to locate package ngnix[^]*status: 100[^]*build\.log/),
      });
      expect(leftOf(ec2)).toEqual([]);
    }));

  it('removes a pending image when it is interrupted, and journals what it knew', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build } = await prepareBuild(folder, { lines: LAUNCH, waits: 'polite' });
      const stop = new AbortController();

      const interrupted = build({
        signal: stop.signal,
        onPacker(run, name) {
          addInstance(ec2, run);
          ec2.images.set('ami-1', aMachineImage({ id: 'ami-1', name, state: 'pending', sourceInstanceId: 'i-1' }));
          stop.abort(createError('INTERRUPTED', ['SIGHUP']));
        },
      });

      await expect(interrupted).rejects.toMatchObject({ code: 'INTERRUPTED', exit: 130 });
      expect(leftOf(ec2)).toEqual([]);
      expect(readFileSync(join(folder, 'signals'), 'utf8')).toBe('INT\n');
      expect(readJournalKinds(folder)).toEqual(
        expect.arrayContaining([
          'started',
          'intended',
          'learned key-pair',
          'removed image',
          'removed instance',
          'finished',
        ]),
      );
    }));

  it('exits 6 with the commands when something would not go away, and keeps the first error as the cause', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build } = await prepareBuild(folder, { lines: LAUNCH, exitCode: 1 });
      ec2.forbidden.add('i-1');

      const failure = build({ onPacker: (run) => void ec2.instances.set('i-1', { state: 'running', run }) });

      await expect(failure).rejects.toMatchObject({
        code: 'RESOURCES_LEFT_BEHIND',
        exit: 6,
        message: expect.stringContaining("aws ec2 terminate-instances --instance-ids 'i-1' --region us-east-1"),
        cause: expect.objectContaining({ code: 'PACKER_BUILD_FAILED' }),
      });
    }));
});

describe('the journal of a build', () => {
  it('says why it failed: code, message, step, last output and console, without secrets', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build } = await prepareBuild(folder, {
        lines: [
          ...LAUNCH,
          ',ui,message,    ami: <secret> 1',
          ',ui,message,    ami: the password is hunter2',
          ',ui,error,==> ami: E: Unable to locate package ngnix',
          'ami,error,Script exited with non-zero exit status: 100.Allowed exit codes are: [0]',
        ],
        exitCode: 1,
      });
      ec2.consoles.set('i-1', 'login: hunter2\nKernel panic - not syncing\n');
      const secrets = [{ name: 'token', value: 'hunter2', entry: 'web', where: 'images.web' }];

      const failure = build({ image: { secrets }, onPacker: (run) => addInstance(ec2, run) });

      await expect(failure).rejects.toMatchObject({ code: 'PACKER_BUILD_FAILED' });
      expect(readFinished(folder)).toMatchObject({
        outcome: 'failed',
        failure: {
          code: 'PACKER_BUILD_FAILED',
          step: 'upload',
          message: expect.stringContaining('status: 100'),
          output: expect.arrayContaining(['the password is ***', 'E: Unable to locate package ngnix']),
          console: 'login: ***\nKernel panic - not syncing',
        },
      });
    }));

  it('says that it was interrupted, and in which step', () =>
    withTemporaryFolder(async (folder) => {
      const { build } = await prepareBuild(folder, { waits: 'polite' });
      const stop = new AbortController();

      const interrupted = build({
        signal: stop.signal,
        onPacker: () => stop.abort(createError('INTERRUPTED', ['SIGHUP'])),
      });

      await expect(interrupted).rejects.toMatchObject({ code: 'INTERRUPTED' });
      expect(readFinished(folder)).toMatchObject({ outcome: 'interrupted', failure: { code: 'INTERRUPTED' } });
    }));

  it('says in which step of its own a build failed after packer', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build } = await prepareBuild(folder, { collected: collect(folder, {}) });
      const scan = { policy: 'baseline', failOn: 'critical', waivers: [] } as const;

      const unread = build({ scan, onPacker: (run, name) => addImage(ec2, run, name) });

      await expect(unread).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
      expect(readFinished(folder)).toMatchObject({ failure: { code: 'SNAPSHOT_NOT_FOUND', step: 'scan image' } });
    }));

  it('has as removed what packer removed by itself, and as there the image alone', () =>
    withTemporaryFolder(async (folder) => {
      const { ec2, build } = await prepareBuild(folder);

      const { run } = await build({ onPacker: (id, name) => addImage(ec2, id, name) });

      const { resources } = await getRun(run, { XDG_STATE_HOME: join(folder, 'state') });
      expect(resources.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
        'key-pair removed',
        'security-group removed',
        'image there',
      ]);
    }));
});

interface Finished {
  readonly kind: string;
}

function readFinished(folder: string): Finished | undefined {
  const runs = join(folder, 'state', 'buildimg', 'runs');
  const journal = readFileSync(join(runs, readdirSync(runs)[0] ?? '', 'journal.jsonl'), 'utf8').trim();
  return journal
    .split('\n')
    .map((line) => JSON.parse(line) as Finished)
    .find(({ kind }) => kind === 'finished');
}

function readJournalKinds(folder: string): readonly string[] {
  const runs = join(folder, 'state', 'buildimg', 'runs');
  const journal = readFileSync(join(runs, readdirSync(runs)[0] ?? '', 'journal.jsonl'), 'utf8');
  return journal
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly kind: string; readonly resource?: string })
    .map(({ kind, resource }) => (resource === undefined ? kind : `${kind} ${resource}`));
}
