import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/build/context.js';
import type { PackerMessage } from '../../src/packer/parse-machine-readable.js';
import { type RunPackerOptions, runPacker } from '../../src/packer/run-packer.js';
import { type FakePackerScript, writeFakePacker } from '../support/fake-packer.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

describe('runPacker', () => {
  it('hands on every line in order and keeps them in the log', () =>
    withTemporaryFolder(async (folder) => {
      const lines = [',ui,say,==> ami: one', ',ui,message,    ami: two%!(PACKER_COMMA) three', ',error-count,0'];

      const { run, messages } = await runFake(folder, { lines });

      expect(run).toEqual({ exitCode: 0, wasInterrupted: false });
      expect(messages).toEqual([
        { kind: 'ui', level: 'say', text: '==> ami: one' },
        { kind: 'ui', level: 'message', text: '    ami: two, three' },
        { kind: 'other', type: 'error-count', values: ['0'] },
      ]);
      expect(readFileSync(join(folder, 'log'), 'utf8').split('\n')).toHaveLength(4);
    }));

  it('takes secrets out before anybody sees a line', () =>
    withTemporaryFolder(async (folder) => {
      const { messages } = await runFake(
        folder,
        { lines: [',ui,message,    ami: password hunter2'] },
        { mask: hidePassword },
      );

      expect(messages).toEqual([{ kind: 'ui', level: 'message', text: '    ami: password ***' }]);
      expect(readFileSync(join(folder, 'log'), 'utf8')).not.toContain('hunter2');
    }));

  it('gives credentials by environment, never on the command line, and switches packer’s own talk off', () =>
    withTemporaryFolder(async (folder) => {
      const environment = {
        PATH: '/usr/bin:/bin',
        AWS_SECRET_ACCESS_KEY: 's3cr3t',
        PACKER_LOG: '1',
        PACKER_LOG_PATH: '/x',
      };

      await runFake(folder, {}, { environment, variables: { run_id: 'r-1' } });

      const received = readFileSync(join(folder, 'environment'), 'utf8');
      expect(readFileSync(join(folder, 'arguments'), 'utf8')).toBe(
        'build -machine-readable -color=false -var run_id=r-1 template.json\n',
      );
      expect(received).toContain('AWS_SECRET_ACCESS_KEY=s3cr3t');
      expect(received).toContain('CHECKPOINT_DISABLE=1');
      expect(received).not.toContain('PACKER_LOG');
    }));

  it('interrupts packer once and lets it clean up', () =>
    withTemporaryFolder(async (folder) => {
      const farewell = [',ui,say,Cleanly cancelled builds after being interrupted.'];
      const stop = new AbortController();

      const { run, messages } = await runFake(
        folder,
        { lines: [',ui,say,==> ami: ready'], waits: 'polite', farewell },
        { signal: stop.signal, onReady: () => stop.abort() },
      );

      expect(run).toEqual({ exitCode: 1, wasInterrupted: true });
      expect(readFileSync(join(folder, 'signals'), 'utf8')).toBe('INT\n');
      expect(messages.at(-1)).toMatchObject({ text: 'Cleanly cancelled builds after being interrupted.' });
    }));

  it('ends the whole group when packer does not clean up in time', () =>
    withTemporaryFolder(async (folder) => {
      const stop = new AbortController();

      const { run } = await runFake(
        folder,
        { lines: [',ui,say,==> ami: ready'], waits: 'deaf' },
        { signal: stop.signal, onReady: () => stop.abort(), cleanupLimitMs: 200, killDelayMs: 1_000 },
      );

      expect(run).toEqual({ exitCode: undefined, wasInterrupted: true });
      expect(readFileSync(join(folder, 'signals'), 'utf8')).toMatch(/^INT\n/);
    }));

  it('kills at once when told a second time', () =>
    withTemporaryFolder(async (folder) => {
      const stop = new AbortController();
      const startedAt = Date.now();

      const { run } = await runFake(
        folder,
        { lines: [',ui,say,==> ami: ready'], waits: 'deaf' },
        { signal: stop.signal, onReady: () => stop.abort(), killDelayMs: 300 },
      );

      expect(run.exitCode).toBeUndefined();
      expect(Date.now() - startedAt).toBeLessThan(10_000);
      expect(existsSync(join(folder, 'signals'))).toBe(true);
    }));
});

interface FakeRunOptions extends Partial<RunPackerOptions> {
  readonly onReady?: () => void;
  /** After being ready, kill after this long. */
  readonly killDelayMs?: number;
}

async function runFake(folder: string, script: FakePackerScript, options: FakeRunOptions = {}) {
  const messages: PackerMessage[] = [];
  const kill = new AbortController();
  const { onReady, killDelayMs, ...rest } = options;
  const run = await runPacker({
    packer: { path: writeFakePacker(folder, script), version: '1.6.6' },
    directory: folder,
    template: 'template.json',
    variables: {},
    environment: { PATH: '/usr/bin:/bin' },
    logFile: join(folder, 'log'),
    clock: systemClock,
    signal: new AbortController().signal,
    killSignal: kill.signal,
    mask: (line) => line,
    onMessage(message) {
      messages.push(message);
      if (message.kind === 'ui' && message.text.endsWith('ready')) {
        onReady?.();
        if (killDelayMs !== undefined) {
          setTimeout(() => kill.abort(), killDelayMs);
        }
      }
    },
    ...rest,
  });
  return { run, messages };
}

function hidePassword(line: string): string {
  return line.replaceAll('hunter2', '***');
}
