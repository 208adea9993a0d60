// SIGKILL right after records of the journal and of the ledger of blocks.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RegisterOutcome } from '../../../src/build/register/register-request.js';
import { aDisk, type Registrations, startRegistrations } from '../../support/a-registration.js';
import { bundleChild } from '../../support/bundle-child.js';

const run = promisify(execFile);
const BLOCKS = 75;

let test: Registrations;
let child: string;
let disk: string;
let content: Buffer;
beforeAll(async () => {
  test = await startRegistrations();
  child = await bundleChild('test/support/register-child.ts');
  disk = join(test.folder, 'disk.img');
  content = aDisk(disk, Object.fromEntries(Array.from({ length: BLOCKS }, (_, index) => [index, index + 1])));
});
afterAll(async () => {
  rmSync(dirname(child), { recursive: true });
  await test.close();
});

describe('a registration that is killed', () => {
  it.each([1, 40, BLOCKS])(
    'sends no block again that was acknowledged, after %i of them',
    (killAt) =>
      withFolder(async (folder) => {
        await expect(runChild('register', folder, '', 'blocks', String(killAt))).rejects.toMatchObject({
          signal: 'SIGKILL',
        });
        const id = listRuns(folder)[0] ?? '';
        const [first] = snapshotsOf(folder, id);

        const outcome = JSON.parse(await runChild('resume', folder, id)) as ChildOutcome;

        expect(outcome.blocksPut).toBe(BLOCKS - killAt);
        expect(outcome.snapshotIds).toEqual([first]);
        expect(await test.hasContent(first ?? '', content)).toBe(true);
        expect(await test.listLeft()).toEqual([outcome.amiId, first]);
        await removeImage(outcome);
      }),
    600_000,
  );

  it('leaves nothing after reap, wherever it was killed', async () => {
    const left: string[] = [];

    for (let record = 1; record <= (await countRecords()); record += 1) {
      await withFolder(async (folder) => {
        await expect(runChild('register', folder, '', 'journal', String(record))).rejects.toBeDefined();
        await runChild('reap', folder, listRuns(folder)[0] ?? '');
      });
      left.push(...(await test.listLeft()));
    }

    expect(left).toEqual([]);
  }, 600_000);

  it('ends in one image after resume, wherever it was killed', async () => {
    const wrong: number[] = [];

    for (let record = 1; record <= (await countRecords()); record += 1) {
      await withFolder(async (folder) => {
        await expect(runChild('register', folder, '', 'journal', String(record))).rejects.toBeDefined();
        const outcome = JSON.parse(await runChild('resume', folder, listRuns(folder)[0] ?? '')) as RegisterOutcome;
        const isLeftOnly = (await test.listLeft()).join() === [outcome.amiId, ...outcome.snapshotIds].join();
        if (!isLeftOnly || !(await test.hasContent(outcome.snapshotIds[0] ?? '', content))) wrong.push(record);
        await removeImage(outcome);
      });
    }

    expect(wrong).toEqual([]);
    expect(await countRecords()).toBeGreaterThanOrEqual(5);
  }, 600_000);
});

interface ChildOutcome extends RegisterOutcome {
  /** By this process. */
  readonly blocksPut: number;
}

/** Of one that nobody kills, without the last, after which there is nothing to resume. */
let records: Promise<number> | undefined;
function countRecords(): Promise<number> {
  records ??= withFolder(async (folder) => {
    const outcome = JSON.parse(await runChild('register', folder)) as RegisterOutcome;
    await removeImage(outcome);
    return readJournal(folder, outcome.run).length - 1;
  });
  return records;
}

async function runChild(...words: readonly string[]): Promise<string> {
  const [action = '', folder = '', ...rest] = words;
  const { stdout } = await run('node', [child, action, folder, test.sandbox.endpoint, disk, ...rest], {
    env: { ...test.environment, PATH: '/usr/bin:/bin', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  return stdout;
}

function listRuns(folder: string): readonly string[] {
  return readdirSync(join(folder, 'state', 'buildimg', 'runs'));
}

interface JournalLine {
  readonly kind: string;
  readonly resource?: string;
  readonly id?: string;
}

function readJournal(folder: string, id: string): readonly JournalLine[] {
  const text = readFileSync(join(folder, 'state', 'buildimg', 'runs', id, 'journal.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalLine);
}

function snapshotsOf(folder: string, id: string): readonly string[] {
  const learned = readJournal(folder, id).filter(({ resource }) => resource === 'snapshot');
  return learned.flatMap((line) => line.id ?? []);
}

async function removeImage({ amiId, snapshotIds }: RegisterOutcome): Promise<void> {
  await test.aws.resources.deregisterImage(amiId);
  for (const id of snapshotIds) await test.aws.resources.deleteSnapshot(id);
}

async function withFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'killed-'));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
