// SIGKILL right after every record that a publication writes. Before others may use the image reap removes it in all
// regions; afterwards it stays. Resume ends in one image and one copy either way.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BuildOutcome } from '../../../src/build/build-request.js';
import type { JournalRecord } from '../../../src/build/journal.js';
import { aPublishConfig } from '../../support/a-publish-config.js';
import { type Ec2Builds, startEc2Builds } from '../../support/an-ec2-build.js';
import { bundleChild } from '../../support/bundle-child.js';

const run = promisify(execFile);
const COPY_REGION = 'eu-west-1';
const PUBLISH = aPublishConfig({ regions: [{ region: COPY_REGION }], parameter: { latest: '/acme/web' } });

let test: Ec2Builds;
let child: string;
beforeAll(async () => {
  test = await startEc2Builds();
  child = await bundleChild('test/support/ec2-build-child.ts');
});
afterAll(async () => {
  rmSync(dirname(child), { recursive: true });
  await test.close();
});

describe('a publication that is killed', () => {
  it('leaves nothing in any region after reap, or the whole image once others may use it', async () => {
    const outcomes: { readonly record: number; readonly isPublished: boolean; readonly left: number }[] = [];

    for (const record of await listPublishRecords()) {
      await withFolder(async (folder) => {
        const id = await killBuild(folder, record);
        await runChild('reap', folder, id);
        const isPublished = readJournal(folder, id).some(({ kind }) => kind === 'published');
        const left = [...(await test.listLeft()), ...(await test.listLeft(COPY_REGION))];
        outcomes.push({ record, isPublished, left: left.length });
        await removeImages();
      });
    }

    // An image and a snapshot, in two regions.
    expect(outcomes.filter(({ isPublished, left }) => left !== (isPublished ? 4 : 0))).toEqual([]);
    expect(new Set(outcomes.map(({ isPublished }) => isPublished))).toEqual(new Set([true, false]));
  }, 1_200_000);

  it('is completed by resume, with one copy', async () => {
    const problems: unknown[] = [];

    for (const record of await listPublishRecords()) {
      await withFolder(async (folder) => {
        const id = await killBuild(folder, record);
        const outcome = JSON.parse(await runChild('resume', folder, id)) as BuildOutcome;
        const { amis } = outcome.manifest;
        const left = [...(await test.listLeft()), ...(await test.listLeft(COPY_REGION))];
        const wanted = Object.values(amis).flatMap(({ id: image, snapshots }) => [image, ...snapshots]);
        const parameter = await test.aws.inRegion(COPY_REGION).parameters.findParameter('/acme/web');
        if (left.join() !== wanted.join() || parameter?.value !== amis[COPY_REGION]?.id) {
          problems.push({ record, left, wanted, parameter });
        }
        await removeImages();
      });
    }

    expect(problems).toEqual([]);
  }, 1_200_000);
});

/** The records from the first copy on, of a build that nobody kills; without the last, after which nothing is left to do. */
let records: Promise<readonly number[]> | undefined;
function listPublishRecords(): Promise<readonly number[]> {
  records ??= withFolder(async (folder) => {
    const outcome = JSON.parse(await runChild('build', folder)) as BuildOutcome;
    await removeImages();
    const journal = readJournal(folder, outcome.run);
    const first = journal.findIndex((record) => record.kind === 'intended' && record.operation === 'copy-image');
    return journal.slice(first, -1).map(({ sequence }) => sequence);
  });
  return records;
}

async function killBuild(folder: string, record: number): Promise<string> {
  await expect(runChild('build', folder, '', String(record))).rejects.toMatchObject({ signal: 'SIGKILL' });
  return readdirSync(join(folder, 'state', 'buildimg', 'runs'))[0] ?? '';
}

async function runChild(...words: readonly string[]): Promise<string> {
  const [action = '', folder = '', ...rest] = words;
  const { accessKeyId, secretAccessKey } = test.sandbox.credentials;
  const { stdout } = await run('node', [child, action, folder, test.sandbox.endpoint, ...rest], {
    env: {
      PATH: '/usr/bin:/bin',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      PUBLISH: JSON.stringify(PUBLISH),
    },
  });
  return stdout;
}

function readJournal(folder: string, id: string): readonly JournalRecord[] {
  const text = readFileSync(join(folder, 'state', 'buildimg', 'runs', id, 'journal.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalRecord);
}

async function removeImages(): Promise<void> {
  for (const region of ['us-east-1', COPY_REGION]) {
    const { resources } = test.aws.inRegion(region);
    const images = await resources.findImages({ run: '*', names: [], ids: [] });
    for (const { id } of images) await resources.deregisterImage(id);
    const snapshots = await resources.findSnapshots({ run: '*', ids: [], instanceIds: [] });
    for (const { id } of snapshots) await resources.deleteSnapshot(id);
  }
}

async function withFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'killed-'));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
