import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { Output } from '../../../src/cli/output.js';
import { createPaint } from '../../../src/cli/paint.js';
import { createFleetReporter } from '../../../src/cli/reporters/fleet.js';
import type { BuildimgEvent } from '../../../src/events.js';

const ROWS = 10;

describe('createFleetReporter', () => {
  it('counts the images and shows those that moved last, within the screen', () => {
    const { reporter, lastDrawing } = aReporter(64);
    for (let number = 1; number <= 20; number += 1) begin(reporter, `image-${number}`);

    reporter.receive(finished('image-1', 'built'));
    const drawn = lastDrawing();

    expect(drawn[0]).toBe('✔ image-1: built');
    expect(drawn[1]).toMatch(/^. 19 running, 1 done, 44 waiting/);
    expect(drawn.at(-1)).toBe('  and 13 more');
    expect(drawn.length - 1).toBeLessThan(ROWS);
    reporter.close();
  });

  it('counts an image that failed before its run began', () => {
    const { reporter, lastDrawing } = aReporter(6);

    reporter.receive(event({ name: 'step.started', step: 'web: find source image' }));
    reporter.receive(event({ name: 'step.failed', step: 'web: find source image', elapsedMs: 1, reason: 'none' }));

    expect(lastDrawing()).toEqual([
      '✖ web: find source image',
      expect.stringMatching(/0 running, 0 done, 1 failed, 5 waiting/),
    ]);
    reporter.close();
  });

  it('writes nothing for good about steps that go well', () => {
    const { reporter, written } = aReporter(6);

    begin(reporter, 'web');
    reporter.receive(event({ name: 'step.finished', step: 'web: upload', elapsedMs: 5 }));

    expect(written()).toBe('');
    reporter.close();
  });
});

type Receiver = { receive(event: BuildimgEvent): void };

function begin(reporter: Receiver, image: string): void {
  reporter.receive(event({ name: 'run.started', run: `r-${image}`, image, amiName: image }));
  reporter.receive(event({ name: 'step.started', step: `${image}: upload` }));
}

function finished(image: string, outcome: 'built' | 'failed'): BuildimgEvent {
  return event({ name: 'run.finished', run: `r-${image}`, image, outcome });
}

function event(payload: object): BuildimgEvent {
  return { time: new Date(0), ...payload } as BuildimgEvent;
}

function aReporter(images: number) {
  const stream = Object.assign(new PassThrough(), { columns: 80, rows: ROWS, isTTY: true });
  const chunks: string[] = [];
  stream.on('data', (data: Buffer) => void chunks.push(data.toString()));
  const output = { toShown: (text: string) => text } as Output;
  const reporter = createFleetReporter({
    output,
    stream: stream as unknown as NodeJS.WriteStream,
    paint: createPaint(false),
    now: () => 0,
    images,
  });
  return {
    reporter,
    written: () => chunks.join(''),
    lastDrawing: () =>
      stripVTControlCharacters(chunks.at(-1) ?? '')
        .trimEnd()
        .split('\n'),
  };
}
