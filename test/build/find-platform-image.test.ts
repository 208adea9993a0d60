import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findSourceImage } from '../../src/build/find-source-image.js';
import { findLocked, readPlatformLock, writePlatformLock } from '../../src/build/platform-lock.js';
import { anImage } from '../support/an-image.js';
import { aMachineImage, createFakeEc2 } from '../support/fake-ec2.js';

const branch = 'Docker running on 64bit Amazon Linux 2023';
const image = anImage({ source: { kind: 'platform-branch', branch } });

describe('findSourceImage of a platform branch', () => {
  it('takes the image of the recommended version that has the architecture', async () => {
    const ec2 = createFakeEc2();
    ec2.platforms.set(branch, { arn: 'arn:1', version: '4.2.0', imageIds: ['ami-a', 'ami-gone', 'ami-x'] });
    ec2.images.set('ami-a', aMachineImage({ id: 'ami-a', architecture: 'arm64' }));
    ec2.images.set('ami-x', aMachineImage({ id: 'ami-x' }));

    const found = await findSourceImage(image, ec2.catalog);

    expect(found).toMatchObject({ id: 'ami-x', rootDeviceName: '/dev/xvda', platformArn: 'arn:1' });
  });

  it('says that a version has no image for the architecture', async () => {
    const ec2 = createFakeEc2();
    ec2.platforms.set(branch, { arn: 'arn:1', version: '4.2.0', imageIds: [] });

    await expect(findSourceImage(image, ec2.catalog)).rejects.toMatchObject({ code: 'PLATFORM_IMAGE_NOT_FOUND' });
  });
});

describe('the platform lock', () => {
  const locked = {
    platformArn: 'arn:1',
    version: '4.2.0',
    branch,
    region: 'us-east-1',
    architecture: 'x86_64',
    id: 'ami-x',
    rootDeviceName: '/dev/xvda',
  } as const;

  it('reads back what was written, and holds only as long as the config asks for the same', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'buildimg-lock-'));
    await writePlatformLock(folder, new Map([['web', locked]]));

    const lock = await readPlatformLock(folder);
    rmSync(folder, { recursive: true });

    expect(findLocked(lock, image)).toEqual(locked);
    expect(findLocked(lock, { ...image, architecture: 'arm64' })).toBeUndefined();
    expect(findLocked(lock, { ...image, region: 'eu-west-1' })).toBeUndefined();
    expect(findLocked(lock, anImage())).toBeUndefined();
  });

  it.each(['{', '{"images":{"web":{}}}'])('refuses %s', async (text) => {
    const folder = mkdtempSync(join(tmpdir(), 'buildimg-lock-'));
    writeFileSync(join(folder, 'buildimg.lock.json'), text);

    await expect(readPlatformLock(folder)).rejects.toMatchObject({ code: 'PLATFORM_LOCK_INVALID' });
    rmSync(folder, { recursive: true });
  });
});
