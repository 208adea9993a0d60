import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { findHolder, lockRun } from '../../src/build/run-lock.js';
import { bundleChild } from '../support/bundle-child.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const CONTENDERS = 6;
const ROUNDS = 5;
const RUN = 'r-1';

let program: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  program = await bundleChild('test/support/lock-child.ts');
});
afterEach(endChildren);
afterAll(() => rmSync(dirname(program), { recursive: true, force: true }));

describe('lockRun', () => {
  it('gives the run to one process of many that find it abandoned at the same moment', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await withTemporaryFolder(async (folder) => {
        abandon(folder);

        const answers = await contend(folder);

        expect(answers.toSorted()).toEqual([...Array.from({ length: CONTENDERS - 1 }, () => 'RUN_IS_ALIVE'), 'taken']);
        await endChildren();
      });
    }
  });

  it('names the process that has it', () =>
    withTemporaryFolder(async (folder) => {
      const [child] = await startChildren(folder, 1);
      writeFileSync(join(folder, 'go'), '');
      await child?.next();

      expect(() => lockRun(folder, { run: RUN, pid: process.pid })).toThrow(String(children[0]?.pid));
    }));

  it('takes over from a process that is gone, and leaves nothing but the lock', () =>
    withTemporaryFolder(async (folder) => {
      abandon(folder);

      const lock = lockRun(folder, { run: RUN, pid: process.pid });

      expect(findHolder(folder)?.pid).toBe(process.pid);
      expect(readdirSync(folder)).toEqual(['lock']);
      lock.release();
      expect(readdirSync(folder)).toEqual([]);
    }));

  it('lets a process go on with a run that is its own', () =>
    withTemporaryFolder((folder) => {
      lockRun(folder, { run: RUN, pid: process.pid });

      lockRun(folder, { run: RUN, pid: process.pid });

      expect(findHolder(folder)?.pid).toBe(process.pid);
    }));

  it('takes a torn lock for an abandoned one', () =>
    withTemporaryFolder((folder) => {
      writeFileSync(join(folder, 'lock'), '{"pid": 1');

      lockRun(folder, { run: RUN, pid: process.pid });

      expect(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    }));
});

function abandon(folder: string): void {
  writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: process.pid, startTicks: '1', bootId: 'an earlier boot' }));
}

async function contend(folder: string): Promise<readonly string[]> {
  const contenders = await startChildren(folder, CONTENDERS);
  writeFileSync(join(folder, 'go'), '');
  return await Promise.all(contenders.map((contender) => contender.next()));
}

interface Contender {
  /** The next line that it prints. */
  next(): Promise<string>;
}

async function startChildren(folder: string, count: number): Promise<readonly Contender[]> {
  if (existsSync(join(folder, 'go'))) throw new Error('They would not wait for each other');
  const contenders = Array.from({ length: count }, (): Contender => {
    const child = spawn(process.execPath, [program, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { next: async () => String((await lines.next()).value) };
  });
  for (const contender of contenders) expect(await contender.next()).toBe('ready');
  return contenders;
}

async function endChildren(): Promise<void> {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}
