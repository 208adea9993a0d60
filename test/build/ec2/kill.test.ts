// SIGKILL right after every record of the journal: whatever is between two records may have happened or not.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BuildOutcome } from '../../../src/build/build-request.js';
import { type Ec2Builds, startEc2Builds } from '../../support/an-ec2-build.js';
import { bundleChild } from '../../support/bundle-child.js';

const run = promisify(execFile);

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

describe.each(['ssm', 'ssh'])('a build over %s that is killed', (communicator) => {
  it('leaves nothing after reap, wherever it was killed', async () => {
    const left: string[] = [];
    const keys: string[] = [];

    for (let record = 1; record <= (await countRecords(communicator)); record += 1) {
      await withFolder(async (folder) => {
        const id = await killBuild(folder, record, communicator);
        await runChild('reap', folder, id);
        keys.push(...listKeys(folder));
      });
      left.push(...(await test.listLeft()));
    }

    expect(left).toEqual([]);
    expect(keys).toEqual([]);
  }, 600_000);

  it('ends in one image after resume, the one that was registered if it was', async () => {
    const outcomes: { readonly record: number; readonly isLeftOnly: boolean; readonly isSame: boolean }[] = [];

    for (let record = 1; record <= (await countRecords(communicator)); record += 1) {
      await withFolder(async (folder) => {
        const id = await killBuild(folder, record, communicator);
        const registered = readJournal(folder, id).find(({ resource }) => resource === 'image')?.id;
        const outcome = JSON.parse(await runChild('resume', folder, id, '0', communicator)) as BuildOutcome;
        const isLeftOnly = (await test.listLeft()).join() === [outcome.amiId, ...outcome.snapshotIds].join();
        outcomes.push({ record, isLeftOnly, isSame: registered === undefined || registered === outcome.amiId });
        await removeImage(outcome);
      });
    }

    expect(outcomes.filter(({ isLeftOnly, isSame }) => !isLeftOnly || !isSame)).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(5);
  }, 600_000);
});

/** Records of a build that nobody kills, without the last, after which there is nothing to resume. */
const records = new Map<string, Promise<number>>();
function countRecords(communicator: string): Promise<number> {
  const known = records.get(communicator) ?? countOnce(communicator);
  records.set(communicator, known);
  return known;
}

async function countOnce(communicator: string): Promise<number> {
  return await withFolder(async (folder) => {
    const outcome = JSON.parse(await runChild('build', folder, '', '0', communicator)) as BuildOutcome;
    await removeImage(outcome);
    return readJournal(folder, outcome.run).length - 1;
  });
}

function listKeys(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('/key'));
}

async function killBuild(folder: string, record: number, communicator: string): Promise<string> {
  await expect(runChild('build', folder, '', String(record), communicator)).rejects.toMatchObject({
    signal: 'SIGKILL',
  });
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
      SANDBOX_SSH_PORT: String(test.sandbox.sshPort),
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  });
  return stdout;
}

function readJournal(folder: string, id: string): readonly { readonly resource?: string; readonly id?: string }[] {
  const text = readFileSync(join(folder, 'state', 'buildimg', 'runs', id, 'journal.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly resource?: string });
}

async function removeImage({ amiId, snapshotIds }: BuildOutcome): Promise<void> {
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
