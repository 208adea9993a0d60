import { describe, expect, it } from '@jest/globals';
import { retryRequest } from '../../src/aws/retry-request.js';
import { createFakeClock } from '../support/fake-clock.js';
import { noSignal } from '../support/scan-fixtures.js';

describe('asking EBS again', () => {
  it.each([
    ['a throttle', { name: 'RequestThrottledException' }, 600],
    ['an internal error', { name: 'InternalServerException' }, 120],
    ['a status of 503', { name: 'Strange', $metadata: { httpStatusCode: 503 } }, 120],
    ['a connection that was reset', { code: 'ECONNRESET' }, 120],
    ['an error whose code the SDK has wrapped', { message: 'wrapper for Error: read ECONNRESET' }, 120],
    ['a snapshot that is not seen yet', { name: 'ResourceNotFoundException', Reason: 'SNAPSHOT_NOT_FOUND' }, 150],
    ['a block that came damaged', { name: 'ValidationException', Reason: 'INVALID_PARAMETER_VALUE' }, 10],
  ])('goes on after %s, but not for ever', async (_what, failure, limitSeconds) => {
    const clock = createFakeClock();
    let requests = 0;
    const startedAt = clock.now();

    const asking = retryRequest(
      async () => {
        requests += 1;
        throw Object.assign(new Error('no'), failure);
      },
      { clock, signal: noSignal(), spread: 0.5 },
    );

    await expect(asking).rejects.toMatchObject(failure);
    expect(requests).toBeGreaterThan(3);
    expect(clock.now() - startedAt).toBeLessThanOrEqual(limitSeconds * 1000);
    expect(clock.now() - startedAt).toBeGreaterThan(limitSeconds * 400);
  });

  it.each([
    [{ name: 'AccessDeniedException' }],
    [{ name: 'ValidationException', Reason: 'INVALID_SNAPSHOT_ID' }],
    [{ name: 'CredentialsProviderError' }],
  ])('stops at once for %j', async (failure) => {
    const clock = createFakeClock();

    const asking = retryRequest(async () => Promise.reject(Object.assign(new Error('no'), failure)), {
      clock,
      signal: noSignal(),
      spread: 0,
    });

    await expect(asking).rejects.toMatchObject(failure);
    expect(clock.slept).toEqual([]);
  });

  it('gives the answer of the first request that has one', async () => {
    const clock = createFakeClock();
    let requests = 0;

    const answer = await retryRequest(
      async () => {
        requests += 1;
        if (requests < 4) throw Object.assign(new Error('no'), { name: 'InternalServerException' });
        return requests;
      },
      { clock, signal: noSignal(), spread: 0.5 },
    );

    expect(answer).toBe(4);
    expect(clock.slept).toEqual([100, 200, 400]);
  });
});
