import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createJournal, type JournalEntry } from '../../src/build/journal.js';
import { readProcessIdentity } from '../../src/process-identity.js';
import { createFakeClock } from '../support/fake-clock.js';
import { createHome, type Home } from '../support/run-cli.js';

const BUILT = 'r-20260102t030405-00000001';
const KILLED = 'r-20260102t040405-00000002';
const AMI = 'ami-0123456789abcdef0';

describe('buildimg runs', () => {
  it('lists what ran, the newest first, with what became of it', () =>
    withRuns(async (home) => {
      const { stdout } = await home.run('runs');

      expect(stdout).toBe(
        `${KILLED}  dead         mail  2026-01-02 03:04:05\n${BUILT}  built        web   2026-01-02 03:04:05  ${AMI}  1 left behind\n`,
      );
    }));

  it('says so when nothing has run', async () => {
    const home = await createHome();
    try {
      const [list, report] = [await home.run('runs'), await home.run('report')];

      expect(list).toMatchObject({ status: 0, stdout: '' });
      expect(report.status).toBe(2);
    } finally {
      home.remove();
    }
  });
});

describe('buildimg report', () => {
  it('shows timeline and resources of a run', () =>
    withRuns(async (home) => {
      const { stdout } = await home.run('report', BUILT);

      expect(stdout).toContain(`${BUILT}  web: built in 1 min 30 s`);
      expect(stdout).toContain(`  log       ${join(home.folder, 'buildimg/runs', BUILT, 'build.log')}`);
      expect(stdout).toMatch(/\+30\.0 s {2}instance i-0aaaaaaaaaaaaaaa1 was made/);
      expect(stdout).toMatch(/instance +i-0aaaaaaaaaaaaaaa1 +removed/);
      expect(stdout).toMatch(/security-group +sg-1 +left: it is in use/);
    }));

  it('takes the last run without a name, and gives everything as JSON', () =>
    withRuns(async (home) => {
      const run = await home.runJson<{ readonly run: string; readonly state: string }>('report', '--json');

      expect(run).toMatchObject({ run: KILLED, state: 'dead', image: 'mail', amiName: 'mail-1', resources: [] });
    }));

  it.each(['r-nope', '../../etc', ''])('knows no run %j', (name) =>
    withRuns(async (home) => {
      const result = await home.run('report', name);

      expect(result.status).toBe(2);
      expect(result.stderr).toContain('RUN_UNKNOWN');
    }),
  );
});

describe('a journal of which a line cannot be read', () => {
  it.each([
    ['is no JSON', '{"sequence":2,"time":"2026'],
    ['is another value', '[1, 2]'],
    ['lacks what its kind needs', '{"sequence":2,"time":"2026-01-02T03:04:05.000Z","kind":"learned","id":"i-1"}'],
    ['holds bytes of nothing', '\0\0\0\0'],
  ])('hides no run: what can be read is shown, and that a line %s', (_how, line) =>
    withRuns(async (home) => {
      replaceLine(home, BUILT, 2, line);

      const list = await home.run('runs');
      const report = await home.run('report', BUILT);

      expect(list.stdout).toContain(
        `${BUILT}  built        web   2026-01-02 03:04:05  ${AMI}  1 left behind  line 2 of its`,
      );
      expect(report.status).toBe(0);
      expect(report.stdout).toContain('line 2 of its journal cannot be read');
      expect(report.stdout).toMatch(/security-group +sg-1 +left: it is in use/);
    }),
  );

  it('hides no run when it is the first: a person has to say where the run worked', () =>
    withRuns(async (home) => {
      replaceLine(home, KILLED, 1, 'x');

      const list = await home.run('runs');
      const reap = await home.run('reap', KILLED);
      const resume = await home.run('resume', KILLED);

      expect(list.stdout).toContain(`${KILLED}  dead         ?`);
      expect(reap.stderr).toContain('JOURNAL_PLACE_UNKNOWN');
      expect(resume).toMatchObject({ status: 2, stderr: expect.stringContaining('JOURNAL_DAMAGED') });
    }));

  it('is no reason to go on where it may have said that others use the image', () =>
    withRuns(async (home) => {
      replaceLine(home, KILLED, 3, 'x');

      const { status, stderr } = await home.run('resume', KILLED);

      expect({ status, code: stderr.split(' ')[0] }).toEqual({ status: 2, code: 'JOURNAL_DAMAGED' });
    }));
});

function replaceLine(home: Home, run: string, line: number, text: string): void {
  const file = join(home.folder, 'buildimg/runs', run, 'journal.jsonl');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  lines[line - 1] = text;
  writeFileSync(file, `${lines.join('\n')}\n`);
}

describe('a run whose owner cannot be judged from here', () => {
  it.each([
    ['in another container', { pidNamespace: 'pid:[1]' }],
    ['on another host', { bootId: 'another', host: { id: 'another', name: 'build-host' } }],
  ])('%s is unknown, not dead: nobody takes it until somebody says that it has ended', (_where, elsewhere) =>
    withRuns(async (home) => {
      const lock = join(home.folder, 'buildimg/runs', KILLED, 'lock');
      const owner = { ...readProcessIdentity(process.pid), ...elsewhere };
      writeFileSync(lock, JSON.stringify(owner));

      const list = await home.run('runs');
      const all = await home.run('reap', '--dry-run');
      const named = await home.run('reap', KILLED);
      const resume = await home.run('resume', KILLED);

      expect(list.stdout).toContain(`${KILLED}  unknown      mail`);
      expect(all.stderr).toContain(
        `${KILLED} is left alone: it belongs to process ${process.pid} of ${owner.host?.name}`,
      );
      expect(all.stdout).not.toContain(KILLED);
      expect([named.status, resume.status]).not.toContain(0);
      expect(existsSync(lock)).toBe(true);
    }),
  );

  it('is what its journal says once it is said to have ended', () =>
    withRuns(async (home) => {
      const lock = join(home.folder, 'buildimg/runs', KILLED, 'lock');
      writeFileSync(lock, JSON.stringify({ pid: 1 }));

      await home.run('reap', KILLED, '--assume-dead');

      expect((await home.run('runs')).stdout).toContain(`${KILLED}  dead `);
      expect(existsSync(lock)).toBe(false);
    }));

  it('has to be named', async () => {
    const home = await createHome();
    try {
      expect(await home.run('reap', '--assume-dead')).toMatchObject({ status: 2, stdout: '' });
    } finally {
      home.remove();
    }
  });
});

async function withRuns(use: (home: Home) => Promise<void>): Promise<void> {
  const home = await createHome();
  try {
    const instance = { resource: 'instance', id: 'i-0aaaaaaaaaaaaaaa1' } as const;
    writeRun(home, BUILT, [
      { kind: 'started', run: BUILT, image: 'web', region: 'us-east-1' },
      { kind: 'learned', ...instance },
      { kind: 'left', resource: 'security-group', id: 'sg-1', reason: 'it is in use' },
      { kind: 'removed', ...instance },
      { kind: 'finished', outcome: 'built', amiId: AMI },
    ]);
    writeFileSync(join(home.folder, 'buildimg/runs', BUILT, 'build.log'), '');
    writeRun(home, KILLED, [
      { kind: 'started', run: KILLED, image: 'mail', region: 'us-east-1' },
      { kind: 'intended', operation: 'packer-build', amiName: 'mail-1' },
    ]);
    mkdirSync(join(home.folder, 'buildimg/runs/r-without-a-journal'));
    await use(home);
  } finally {
    home.remove();
  }
}

/** The first record is of 03:04:05, each of the next three half a minute later. */
function writeRun(home: Home, run: string, entries: readonly JournalEntry[]): void {
  const folder = join(home.folder, 'buildimg', 'runs', run);
  mkdirSync(folder, { recursive: true });
  const clock = createFakeClock();
  const journal = createJournal(join(folder, 'journal.jsonl'), clock);
  for (const [index, entry] of entries.entries()) {
    journal.append(entry);
    if (index < 3) void clock.sleep(30_000, new AbortController().signal);
  }
  journal.close();
}
