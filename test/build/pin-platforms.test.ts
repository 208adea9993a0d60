import { describe, expect, it } from '@jest/globals';
import { pinPlatforms } from '../../src/build/pin-platforms.js';
import type { PlatformLock } from '../../src/build/platform-lock.js';
import { anImage } from '../support/an-image.js';
import { aMachineImage, createFakeEc2 } from '../support/fake-ec2.js';

const branch = 'Docker running on 64bit Amazon Linux 2023';
const image = anImage({ source: { kind: 'platform-branch', branch } });
const other = { branch: 'Go', architecture: 'x86_64', region: 'us-east-1', rootDeviceName: '/dev/xvda' } as const;

function aRegion(version: string) {
  const ec2 = createFakeEc2();
  const id = `ami-${version.replaceAll('.', '')}`;
  ec2.platforms.set(branch, { arn: `arn:${version}`, version, imageIds: [id] });
  ec2.images.set(id, aMachineImage({ id }));
  return { openCatalog: () => ({ catalog: ec2.catalog, close() {} }) };
}

describe('pinPlatforms', () => {
  it('looks up what is not locked, and keeps what other images have locked', async () => {
    const lock: PlatformLock = new Map([['shop', { ...other, platformArn: 'arn:go', version: '1.0.0', id: 'ami-go' }]]);

    const pinned = await pinPlatforms([image], { lock, isUpdate: false, ...aRegion('4.2.0') });

    expect([...pinned.keys()]).toEqual(['shop', image.name]);
    expect(pinned.get(image.name)).toMatchObject({ platformArn: 'arn:4.2.0', id: 'ami-420', branch });
  });

  it('keeps what is locked until it is told to update', async () => {
    const lock = await pinPlatforms([image], { lock: new Map(), isUpdate: false, ...aRegion('4.2.0') });

    const kept = await pinPlatforms([image], { lock, isUpdate: false, ...aRegion('4.3.0') });
    const updated = await pinPlatforms([image], { lock, isUpdate: true, ...aRegion('4.3.0') });

    expect(kept).toBe(lock);
    expect(updated.get(image.name)).toMatchObject({ version: '4.3.0', id: 'ami-430' });
  });

  it('looks up again when the config asks for another architecture', async () => {
    const lock = await pinPlatforms([image], { lock: new Map(), isUpdate: false, ...aRegion('4.2.0') });

    const pinning = pinPlatforms([{ ...image, architecture: 'arm64' }], { lock, isUpdate: false, ...aRegion('4.2.0') });

    await expect(pinning).rejects.toMatchObject({ code: 'PLATFORM_IMAGE_NOT_FOUND' });
  });

  it('asks nobody about images that start from no platform, and changes nothing', async () => {
    const lock: PlatformLock = new Map();

    expect(await pinPlatforms([anImage()], { lock, isUpdate: true, openCatalog: refuse })).toBe(lock);
  });
});

function refuse(): never {
  throw new Error('Nobody was to be asked');
}
