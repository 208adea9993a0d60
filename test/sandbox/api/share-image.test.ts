import * as sdk from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import { createKmsKey } from '../../support/call-kms.js';
import { copyBaseImage } from '../../support/sandbox-images.js';

const ORGANIZATION = 'arn:aws:organizations::111111111111:organization/o-abcdefghij';
const UNIT = 'arn:aws:organizations::111111111111:ou/o-abcdefghij/ou-ab12-12345678';

let test: TestSandbox;
beforeEach(async () => {
  test = await startTestSandbox();
});
afterEach(() => test.sandbox.close());

describe('launch permissions', () => {
  it('are for accounts, organisations and their units, in either form, and taken back', async () => {
    const { imageId } = await copyBaseImage(test);

    await modifyImage(imageId, {
      LaunchPermission: { Add: [{ UserId: '111111111111' }, { OrganizationArn: ORGANIZATION }] },
    });
    await modifyImage(imageId, {
      Attribute: 'launchPermission',
      OperationType: 'add',
      UserIds: ['222222222222'],
      OrganizationalUnitArns: [UNIT],
    });
    const added = await listLaunchPermissions(imageId);
    await modifyImage(imageId, { LaunchPermission: { Remove: [{ UserId: '111111111111' }] } });
    const removed = await listLaunchPermissions(imageId);
    await test.ec2.send(new sdk.ResetImageAttributeCommand({ ImageId: imageId, Attribute: 'launchPermission' }));

    expect(added).toEqual([
      { UserId: '111111111111' },
      { UserId: '222222222222' },
      { OrganizationArn: ORGANIZATION },
      { OrganizationalUnitArn: UNIT },
    ]);
    expect(removed).toHaveLength(3);
    expect(await listLaunchPermissions(imageId)).toEqual([]);
  });

  it.each<[string, Omit<sdk.ModifyImageAttributeCommandInput, 'ImageId'>, string]>([
    ['an account id that is none', { UserIds: ['me'], OperationType: 'add' }, 'InvalidAMIAttributeItemValue'],
    [
      'an organisation that is none',
      { LaunchPermission: { Add: [{ OrganizationArn: 'o-abcdefghij' }] } },
      'InvalidAMIAttributeItemValue',
    ],
    ['nothing to change', {}, 'InvalidParameterCombination'],
    ['IMDS support of another version', { ImdsSupport: { Value: 'v1.0' } }, 'InvalidParameterValue'],
  ])('refuse %s', async (_what, changes, code) => {
    const { imageId } = await copyBaseImage(test);

    await expect(modifyImage(imageId, changes)).rejects.toMatchObject({ name: code });
  });

  it('are not for everybody while public access is blocked', async () => {
    const { imageId } = await copyBaseImage(test);
    await test.ec2.send(
      new sdk.EnableImageBlockPublicAccessCommand({ ImageBlockPublicAccessState: 'block-new-sharing' }),
    );
    const publish = () => modifyImage(imageId, { LaunchPermission: { Add: [{ Group: 'all' }] } });

    await expect(publish()).rejects.toMatchObject({ name: 'OperationNotPermitted' });
    await test.ec2.send(new sdk.DisableImageBlockPublicAccessCommand({}));
    await publish();

    expect(await listLaunchPermissions(imageId)).toEqual([{ Group: 'all' }]);
  });

  it('are refused under AWS’s own key, given under one’s own, and then not to everybody', async () => {
    const locked = await copyBaseImage(test, { Encrypted: true });
    const KmsKeyId = await createKmsKey(test.sandbox);
    const open = await copyBaseImage(test, { Name: 'web-2', Encrypted: true, KmsKeyId });
    const share = { LaunchPermission: { Add: [{ UserId: '111111111111' }] } };

    await expect(modifyImage(locked.imageId, share)).rejects.toMatchObject({
      name: 'InvalidParameter',
      message: expect.stringContaining("encrypted with the AWS Managed CMK can't be shared"),
    });
    await modifyImage(open.imageId, share);

    const publish = modifyImage(open.imageId, { LaunchPermission: { Add: [{ Group: 'all' }] } });
    await expect(publish).rejects.toMatchObject({ name: 'InvalidParameter' });
    expect(await listLaunchPermissions(open.imageId)).toEqual([{ UserId: '111111111111' }]);
  });
});

describe('volume permissions', () => {
  it('are given, described and reset', async () => {
    const { snapshotId } = await copyBaseImage(test);

    await modifySnapshot(snapshotId, { CreateVolumePermission: { Add: [{ UserId: '111111111111' }] } });
    const given = await listVolumePermissions(snapshotId);
    await test.ec2.send(
      new sdk.ResetSnapshotAttributeCommand({ SnapshotId: snapshotId, Attribute: 'createVolumePermission' }),
    );

    expect(given).toEqual([{ UserId: '111111111111' }]);
    expect(await listVolumePermissions(snapshotId)).toEqual([]);
  });

  it('are refused under AWS’s own key', async () => {
    const { snapshotId } = await copyBaseImage(test, { Encrypted: true });

    const share = modifySnapshot(snapshotId, { UserIds: ['111111111111'], OperationType: 'add' });

    await expect(share).rejects.toMatchObject({
      name: 'OperationNotPermitted',
      message: 'Encrypted snapshots with EBS default key cannot be shared',
    });
  });

  it('are not for everybody while public access is blocked', async () => {
    const { snapshotId } = await copyBaseImage(test);
    await test.ec2.send(new sdk.EnableSnapshotBlockPublicAccessCommand({ State: 'block-new-sharing' }));

    const publish = modifySnapshot(snapshotId, { GroupNames: ['all'], OperationType: 'add' });

    await expect(publish).rejects.toMatchObject({ name: 'OperationNotPermitted' });
  });
});

async function modifyImage(ImageId: string, changes: Omit<sdk.ModifyImageAttributeCommandInput, 'ImageId'>) {
  await test.ec2.send(new sdk.ModifyImageAttributeCommand({ ImageId, ...changes }));
}

async function modifySnapshot(
  SnapshotId: string,
  changes: Omit<sdk.ModifySnapshotAttributeCommandInput, 'SnapshotId'>,
) {
  await test.ec2.send(new sdk.ModifySnapshotAttributeCommand({ SnapshotId, ...changes }));
}

async function listLaunchPermissions(ImageId: string) {
  const input = { ImageId, Attribute: 'launchPermission' } as const;
  return (await test.ec2.send(new sdk.DescribeImageAttributeCommand(input))).LaunchPermissions;
}

async function listVolumePermissions(SnapshotId: string) {
  const input = { SnapshotId, Attribute: 'createVolumePermission' } as const;
  return (await test.ec2.send(new sdk.DescribeSnapshotAttributeCommand(input))).CreateVolumePermissions;
}
