import { describe, expect, it } from '@jest/globals';
import { stopAtFailure } from '../../src/cli/stop-at-failure.js';

describe('stopAtFailure', () => {
  it('stops the other builds and names the image that failed', () => {
    const stopping = stopAtFailure({ signal: new AbortController().signal, killSignal: new AbortController().signal });

    stopping.fail('web');

    expect(stopping.signal.reason).toMatchObject({ code: 'BUILD_STOPPED', message: expect.stringContaining('web') });
    expect(stopping.killSignal.aborted).toBe(false);
  });

  it('leaves a person who interrupted the last word', () => {
    const person = new AbortController();
    const stopping = stopAtFailure({ signal: person.signal, killSignal: new AbortController().signal });

    person.abort(new Error('interrupted'));
    stopping.fail('web');

    expect(stopping.signal.reason).toEqual(new Error('interrupted'));
  });
});
