import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { cleanUpAfter } from '../../src/build/clean-up-after.js';
import { createBuildContext } from '../../src/build/context.js';
import { openRun, type Run } from '../../src/build/run.js';
import { watchStory } from '../../src/build/run-failure.js';
import { createFakeClock } from '../support/fake-clock.js';
import { aMachineImage, countLooks, createFakeEc2 } from '../support/fake-ec2.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const IMAGE = { amiId: 'ami-1', snapshotIds: ['snap-1'] };

describe('cleanUpAfter', () => {
  it('looks once when a while has passed since the image was made', async () => {
    expect(await cleanUpAndCount(async (sleep) => await sleep(6000))).toBe(1);
  });

  it('looks twice when the image was made just now: EC2 may not show yet what came with it', async () => {
    expect(await cleanUpAndCount(async (sleep) => await sleep(4000))).toBe(2);
  });

  it('removes the image of a failure, however old, and looks twice more', async () => {
    expect(await cleanUpAndCount(failAfterAWhile)).toBe(3);
  });
});

async function failAfterAWhile(sleep: (ms: number) => Promise<void>): Promise<void> {
  await sleep(60_000);
  throw new Error('the scan failed');
}

/** How often EC2 is asked for instances of a run that makes an image and then does what it is told. */
async function cleanUpAndCount(afterImage: (sleep: (ms: number) => Promise<void>) => Promise<void>): Promise<number> {
  return await withTemporaryFolder(async (folder) => {
    const clock = createFakeClock();
    const context = { ...createBuildContext({ XDG_STATE_HOME: join(folder, 'state') }, () => undefined), clock };
    const ec2 = createFakeEc2();
    const { signal } = new AbortController();
    const { resources, count } = countLooks(ec2.resources);
    const image = { name: 'web', region: 'us-east-1' };
    const run: Run = await openRun('r-20260102t030405-1a2b3c4d', { image }, context);
    const request = { image, aws: { ...ec2.access, resources }, interruption: { signal, killSignal: signal } };

    const ending = cleanUpAfter(run, { request, context, story: watchStory(context).story }, async () => {
      run.intend({ operation: 'create-image', amiName: 'web-1' });
      ec2.images.set(IMAGE.amiId, aMachineImage({ id: IMAGE.amiId, name: 'web-1', snapshotIds: IMAGE.snapshotIds }));
      run.learn('image', IMAGE.amiId);
      await afterImage((ms) => clock.sleep(ms, signal));
      return IMAGE;
    });
    await ending.catch(() => undefined);
    return count();
  });
}
