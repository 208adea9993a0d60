import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { findHolder, giveUpLock, lockRun } from '../../src/build/run-lock.js';
import { readProcessIdentity } from '../../src/process-identity.js';
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

  it('takes over from a process that died while it took over from another', () =>
    withTemporaryFolder((folder) => {
      abandon(folder);
      const dead = readFileSync(join(folder, 'lock'));
      const place = `lock.${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`;
      writeFileSync(join(folder, place), JSON.stringify({ ...own(), startTicks: '2' }));

      lockRun(folder, { run: RUN, pid: process.pid });

      expect(readdirSync(folder)).toEqual(['lock']);
      expect(findHolder(folder)).toMatchObject({ state: 'alive', process: { pid: process.pid } });
    }));

  it('takes over from a process that is gone, and leaves nothing but the lock', () =>
    withTemporaryFolder(async (folder) => {
      abandon(folder);

      const lock = lockRun(folder, { run: RUN, pid: process.pid });

      expect(findHolder(folder)).toMatchObject({ state: 'alive', process: { pid: process.pid } });
      expect(readdirSync(folder)).toEqual(['lock']);
      lock.release();
      expect(readdirSync(folder)).toEqual([]);
    }));

  it('lets a process go on with a run that is its own', () =>
    withTemporaryFolder((folder) => {
      lockRun(folder, { run: RUN, pid: process.pid });

      lockRun(folder, { run: RUN, pid: process.pid });

      expect(findHolder(folder)).toMatchObject({ state: 'alive', process: { pid: process.pid } });
    }));

  it.each([
    ['of another container on this host', { ...own(), pidNamespace: 'pid:[1]' }],
    ['of the same process id in another container', { ...own(), pidNamespace: 'pid:[1]', startTicks: '1' }],
    ['of another host', { ...own(), bootId: 'another', host: { id: 'another', name: 'build-host' } }],
    ['that says nothing but a process id', { pid: 1 }],
  ])('takes nothing from a holder that it cannot judge: a lock %s', (_whose, identity) =>
    withTemporaryFolder((folder) => {
      writeFileSync(join(folder, 'lock'), JSON.stringify(identity));

      expect(() => lockRun(folder, { run: RUN, pid: process.pid })).toThrow(/cannot be told whether that goes on/);
      expect(findHolder(folder)?.state).toBe('unknown');
      expect(readdirSync(folder)).toEqual(['lock']);
    }),
  );

  it.each(['{"pid": 1', '', 'null', '"text"'])('takes nothing from a lock that cannot be read: %j', (text) =>
    withTemporaryFolder((folder) => {
      writeFileSync(join(folder, 'lock'), text);

      expect(() => lockRun(folder, { run: RUN, pid: process.pid })).toThrow(/a process that its lock does not name/);
    }),
  );
});

describe('giveUpLock', () => {
  it('removes a lock that cannot be judged, so that the run can be taken', () =>
    withTemporaryFolder((folder) => {
      writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: 1 }));

      giveUpLock(folder, { run: RUN, pid: process.pid });

      expect(readdirSync(folder)).toEqual([]);
      lockRun(folder, { run: RUN, pid: process.pid });
    }));

  it('leaves the lock of a process that lives', () =>
    withTemporaryFolder((folder) => {
      lockRun(folder, { run: RUN, pid: process.ppid });

      expect(() => giveUpLock(folder, { run: RUN, pid: process.pid })).toThrow(String(process.ppid));
      expect(findHolder(folder)?.state).toBe('alive');
    }));
});

function own() {
  return readProcessIdentity(process.pid);
}

function abandon(folder: string): void {
  writeFileSync(join(folder, 'lock'), JSON.stringify({ ...own(), startTicks: '1' }));
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
