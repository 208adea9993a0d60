import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createOutput } from '../../src/cli/output.js';
import { createPaint } from '../../src/cli/paint.js';
import { printError } from '../../src/cli/print-error.js';
import { createLiveReporter } from '../../src/cli/reporters/live.js';
import { createNdjsonReporter } from '../../src/cli/reporters/ndjson.js';
import { createPlainReporter } from '../../src/cli/reporters/plain.js';
import type { Reporter } from '../../src/cli/reporters/reporter.js';
import { createError } from '../../src/errors.js';
import type { BuildimgEvent } from '../../src/events.js';
import { CONTROL_CHARACTERS, findControlCharacters, HOSTILE_LINE } from '../hostile/characters.js';
import { listFiles } from '../support/list-files.js';

class FakeStream extends EventEmitter {
  text = '';
  readonly columns = 4000;
  readonly rows = 50;
  constructor(readonly isTTY: boolean) {
    super();
  }
  write(text: string | Uint8Array): boolean {
    this.text += String(text);
    return true;
  }
}

function aConsole({ isTerminal, color = isTerminal }: { isTerminal: boolean; color?: boolean }) {
  const [stdout, stderr] = [new FakeStream(isTerminal), new FakeStream(isTerminal)];
  const [one, other] = [stdout, stderr] as unknown as readonly [NodeJS.WriteStream, NodeJS.WriteStream];
  return { stdout, stderr, output: createOutput({ stdout: one, stderr: other, color, quiet: false }) };
}

/** What the project itself writes to a terminal: colors, and where the cursor goes for what is drawn anew. */
const OWN = new RegExp(`${String.fromCodePoint(0x1b)}\\[(?:\\d+m|\\d+A|1G|0J)`, 'g');
const withoutOwn = (text: string) => text.replaceAll(OWN, '');

const time = new Date(0);
const EVENTS = [
  { name: 'run.started', image: HOSTILE_LINE, run: HOSTILE_LINE, amiName: HOSTILE_LINE },
  { name: 'step.started', step: HOSTILE_LINE },
  { name: 'output.received', step: HOSTILE_LINE, line: HOSTILE_LINE },
  { name: 'resource.created', kind: 'image', id: HOSTILE_LINE, region: HOSTILE_LINE },
  { name: 'resource.removed', kind: 'image', id: HOSTILE_LINE },
  { name: 'scan.finished', subject: HOSTILE_LINE, policy: 'shared', counts: {}, failing: true },
  { name: 'warning.raised', message: HOSTILE_LINE },
  { name: 'step.failed', step: HOSTILE_LINE, elapsedMs: 1, reason: HOSTILE_LINE },
  { name: 'run.finished', image: HOSTILE_LINE, outcome: 'failed' },
].map((event) => ({ time, ...event }) as unknown as BuildimgEvent);

describe('createOutput', () => {
  it.each([true, false])(
    'spells out every control character of an answer and of progress (terminal: %s)',
    (isTerminal) => {
      const { stdout, stderr, output } = aConsole({ isTerminal });

      output.answer(HOSTILE_LINE);
      output.progress(HOSTILE_LINE);

      for (const { text } of [stdout, stderr]) {
        expect(findControlCharacters(text)).toEqual([]);
        expect(text).toMatch(/^before\\u0000.*\\u202e.*\\u001b\[2J.*after\n$/);
      }
    },
  );

  it('lets our own colors pass where there are colors, and nowhere else', () => {
    const painted = createPaint(true).bad('no');

    const colored = aConsole({ isTerminal: true });
    colored.output.answer(painted);
    const plain = aConsole({ isTerminal: true, color: false });
    plain.output.answer(painted);

    expect(colored.stdout.text).toBe(`${painted}\n`);
    expect(plain.stdout.text).toBe('\\u001b[31m\\u001b[1mno\\u001b[22m\\u001b[39m\n');
  });

  it('writes JSON that has the same values and no character that is not seen', () => {
    const { stdout, output } = aConsole({ isTerminal: false });
    const value = Object.fromEntries(CONTROL_CHARACTERS.map((character, index) => [`${index}${character}`, character]));

    output.answer(JSON.stringify(value, undefined, 2));

    expect(findControlCharacters(stdout.text)).toEqual([]);
    expect(JSON.parse(stdout.text)).toEqual(value);
  });

  it('keeps texts of all languages, and the ends of their lines', () => {
    const { stdout, output } = aConsole({ isTerminal: false });

    output.answer('Grüße 日本語 שלום 🙂\r\n\tsecond');

    expect(stdout.text).toBe('Grüße 日本語 שלום 🙂\n\tsecond\n');
  });
});

describe('what reporters write', () => {
  it.each(['plain', 'ndjson', 'live'])('has no control character of an event in it: %s', (kind) => {
    const { stderr, output } = aConsole({ isTerminal: kind === 'live' });
    const paint = createPaint(output.hasColor);
    const reporters: Readonly<Record<string, () => Reporter>> = {
      plain: () => createPlainReporter(output),
      ndjson: () => createNdjsonReporter(output),
      live: () => createLiveReporter({ output, stream: stderr as unknown as NodeJS.WriteStream, paint, now: () => 0 }),
    };
    const reporter = reporters[kind]?.();

    for (const event of EVENTS) reporter?.receive(event);
    reporter?.say(HOSTILE_LINE);
    reporter?.close();

    expect(stderr.text).toContain('before');
    expect(findControlCharacters(withoutOwn(stderr.text))).toEqual([]);
  });
});

describe('the command line', () => {
  it('writes to its streams in the output layer alone', () => {
    const writers = listFiles('src/cli', { extensions: ['.ts'] }).filter((file) =>
      /(?:stdout|stderr|stream)\.write\(|console\./.test(readFileSync(file, 'utf8')),
    );

    // The error writer, the drawn part of a terminal and a waiting line: each by toShown.
    expect(writers).toEqual([
      'src/cli/main.ts',
      'src/cli/output.ts',
      'src/cli/reporters/live-area.ts',
      'src/cli/show-waiting.ts',
    ]);
  });
});

describe('printError', () => {
  it.each([
    createError('SCAN_SSH_FAILED', [HOSTILE_LINE, HOSTILE_LINE]),
    new Error(HOSTILE_LINE),
    Object.assign(new Error('outer'), { cause: new Error(HOSTILE_LINE) }),
  ])('shows no control character of what failed', (error) => {
    const { stderr, output } = aConsole({ isTerminal: true });

    printError(error, {
      write: (line) => void stderr.write(`${output.toShown(line)}\n`),
      paint: createPaint(true),
      hasColor: true,
      currentDirectory: '/',
      debug: true,
    });

    expect(findControlCharacters(withoutOwn(stderr.text))).toEqual([]);
  });
});
