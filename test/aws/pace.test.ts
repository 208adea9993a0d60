import { describe, expect, it } from '@jest/globals';
import { createPace } from '../../src/aws/pace.js';
import { noSignal } from '../support/scan-fixtures.js';

describe('the pace of requests', () => {
  it('lets no more begin than its limit', async () => {
    const pace = createPace(2);
    const first = await pace.begin(noSignal());
    await pace.begin(noSignal());
    let isThird = false;

    const third = pace.begin(noSignal()).then(() => {
      isThird = true;
    });
    await Promise.resolve();
    const before = isThird;
    first.end('done');
    await third;

    expect([before, isThird]).toEqual([false, true]);
  });

  it('halves once for requests that met the same congestion', async () => {
    const pace = createPace(8);
    const turns = await Promise.all(Array.from({ length: 8 }, () => pace.begin(noSignal())));

    for (const turn of turns) turn.end('congested');

    expect(pace.limit).toBe(4);
  });

  it('never stops, and grows again with what goes well', async () => {
    const pace = createPace(4);
    for (let round = 0; round < 5; round += 1) (await pace.begin(noSignal())).end('congested');
    const slowest = pace.limit;

    for (let round = 0; round < 20; round += 1) (await pace.begin(noSignal())).end('done');

    expect([slowest, pace.limit]).toEqual([1, 4]);
  });

  it('does not take a refusal for congestion', async () => {
    const pace = createPace(4);

    (await pace.begin(noSignal())).end('failed');

    expect(pace.limit).toBe(4);
  });
});
