import * as sdk from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestSandbox, systemClock, type TestSandbox } from '../../support/a-sandbox.js';
import { copyBaseImage, waitForImage } from '../../support/sandbox-images.js';

const DAY_MS = 86_400_000;

let test: TestSandbox;
let offsetMs: number;
beforeEach(async () => {
  offsetMs = 0;
  const clock = { ...systemClock, now: () => new Date(Date.now() + offsetMs) };
  test = await startTestSandbox({ clock });
});
afterEach(() => test.sandbox.close());

describe('deprecation', () => {
  it('is to the minute, and can be taken back', async () => {
    const { imageId } = await copyBaseImage(test);
    const minute = Math.ceil((Date.now() + DAY_MS) / 60_000) * 60_000;

    await deprecate(imageId, new Date(minute + 20_000));
    const deprecated = await waitForImage(test.ec2, imageId);
    await test.ec2.send(new sdk.DisableImageDeprecationCommand({ ImageId: imageId }));

    expect(deprecated.DeprecationTime).toBe(new Date(minute).toISOString());
    expect((await waitForImage(test.ec2, imageId)).DeprecationTime).toBeUndefined();
  });

  it('is neither in the past nor later than in ten years, for a public image in two', async () => {
    const { imageId } = await copyBaseImage(test);
    const refused = { name: 'InvalidParameterValue' };

    await expect(deprecate(imageId, new Date(Date.now() - DAY_MS))).rejects.toMatchObject(refused);
    await expect(deprecate(imageId, new Date(Date.now() + 3660 * DAY_MS))).rejects.toMatchObject(refused);
    await deprecate(imageId, new Date(Date.now() + 1000 * DAY_MS));
    await test.ec2.send(
      new sdk.ModifyImageAttributeCommand({ ImageId: imageId, LaunchPermission: { Add: [{ Group: 'all' }] } }),
    );

    await expect(deprecate(imageId, new Date(Date.now() + 1000 * DAY_MS))).rejects.toMatchObject(refused);
  });
});

describe('deregistration protection', () => {
  it('keeps an image until it is turned off', async () => {
    const { imageId } = await copyBaseImage(test);
    await test.ec2.send(new sdk.EnableImageDeregistrationProtectionCommand({ ImageId: imageId }));

    await expect(deregister(imageId)).rejects.toMatchObject({ name: 'OperationNotPermitted' });
    const kept = await waitForImage(test.ec2, imageId);
    await test.ec2.send(new sdk.DisableImageDeregistrationProtectionCommand({ ImageId: imageId }));

    expect(kept.DeregistrationProtection).toBe('enabled-without-cooldown');
    expect((await deregister(imageId)).Return).toBe(true);
  });

  it('with a cooldown keeps it for another day', async () => {
    const { imageId } = await copyBaseImage(test);
    await test.ec2.send(new sdk.EnableImageDeregistrationProtectionCommand({ ImageId: imageId, WithCooldown: true }));
    await test.ec2.send(new sdk.DisableImageDeregistrationProtectionCommand({ ImageId: imageId }));

    await expect(deregister(imageId)).rejects.toMatchObject({ name: 'OperationNotPermitted' });
    test.ec2.config.systemClockOffset = offsetMs = DAY_MS + 60_000;

    expect((await deregister(imageId)).Return).toBe(true);
  });
});

describe('a disabled image', () => {
  it('is neither listed nor launched nor copied nor shared, and comes back private', async () => {
    const { imageId } = await copyBaseImage(test);
    const share = { LaunchPermission: { Add: [{ UserId: '111111111111' }] } };
    await test.ec2.send(new sdk.ModifyImageAttributeCommand({ ImageId: imageId, ...share }));

    await test.ec2.send(new sdk.DisableImageCommand({ ImageId: imageId }));

    const unavailable = { name: 'InvalidAMIID.Unavailable' };
    await expect(launch(imageId)).rejects.toMatchObject(unavailable);
    await expect(copyBaseImage(test, { Name: 'web-2', SourceImageId: imageId })).rejects.toMatchObject(unavailable);
    const again = test.ec2.send(new sdk.ModifyImageAttributeCommand({ ImageId: imageId, ...share }));
    await expect(again).rejects.toMatchObject(unavailable);
    expect(await listOwn({})).toEqual([]);
    expect(await listOwn({ IncludeDisabled: true })).toEqual(['disabled']);
    await test.ec2.send(new sdk.EnableImageCommand({ ImageId: imageId }));
    expect(await listOwn({})).toEqual(['available']);
    const { LaunchPermissions } = await test.ec2.send(
      new sdk.DescribeImageAttributeCommand({ ImageId: imageId, Attribute: 'launchPermission' }),
    );
    expect(LaunchPermissions).toEqual([]);
  });
});

describe('the last launch of an image', () => {
  it('is known once there was one', async () => {
    const { imageId } = await copyBaseImage(test);
    const readLastLaunch = async () =>
      (await test.ec2.send(new sdk.DescribeImageAttributeCommand({ ImageId: imageId, Attribute: 'lastLaunchedTime' })))
        .LastLaunchedTime?.Value;

    const before = await readLastLaunch();
    await launch(imageId);

    expect(before).toBeUndefined();
    expect(Date.parse((await readLastLaunch()) ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect((await waitForImage(test.ec2, imageId)).LastLaunchedTime).toBe(await readLastLaunch());
  });
});

function deprecate(ImageId: string, DeprecateAt: Date) {
  return test.ec2.send(new sdk.EnableImageDeprecationCommand({ ImageId, DeprecateAt }));
}

function deregister(ImageId: string) {
  return test.ec2.send(new sdk.DeregisterImageCommand({ ImageId }));
}

function launch(ImageId: string) {
  const input = { ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 } as const;
  return test.ec2.send(new sdk.RunInstancesCommand(input));
}

async function listOwn(input: sdk.DescribeImagesCommandInput) {
  const { Images = [] } = await test.ec2.send(new sdk.DescribeImagesCommand({ Owners: ['self'], ...input }));
  return Images.map(({ State }) => State);
}
