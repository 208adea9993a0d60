import * as sdk from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import { createKmsKey } from '../../support/call-kms.js';
import { copyBaseImage, findSnapshotId, waitForImage } from '../../support/sandbox-images.js';

let test: TestSandbox;
beforeEach(async () => {
  test = await startTestSandbox();
});
afterEach(() => test.sandbox.close());

describe('CopyImage', () => {
  it('makes an image of its own in another region', async () => {
    const source = await copyBaseImage(test, { Description: 'the web' });
    const west = test.ec2In('us-west-2');

    const { ImageId = '' } = await west.send(aCopy(source.imageId));

    const copy = await waitForImage(west, ImageId);
    expect(copy).toMatchObject({
      State: 'available',
      Name: 'web-1',
      Description: 'the web',
      OwnerId: test.sandbox.credentials.accountId,
      SourceImageId: source.imageId,
      SourceImageRegion: 'us-east-1',
    });
    expect(ImageId).not.toBe(source.imageId);
    const { Snapshots } = await west.send(new sdk.DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    expect(Snapshots).toMatchObject([
      {
        SnapshotId: findSnapshotId(copy),
        State: 'completed',
        Description: expect.stringContaining(
          `Copied for DestinationAmi ${ImageId} from SourceAmi ${source.imageId} for SourceSnapshot ${source.snapshotId}`,
        ),
      },
    ]);
  });

  it('is found by its source', async () => {
    const source = await copyBaseImage(test);

    const { Images } = await test.ec2.send(
      new sdk.DescribeImagesCommand({
        Filters: [
          { Name: 'source-image-id', Values: [test.sourceAmi] },
          { Name: 'source-image-region', Values: ['us-east-1'] },
        ],
      }),
    );

    expect(Images?.map(({ ImageId }) => ImageId)).toEqual([source.imageId]);
  });

  it('is done once for the same client token, and refuses the token for another copy', async () => {
    const west = test.ec2In('us-west-2');

    const first = await west.send(aCopy(test.sourceAmi, { ClientToken: 'once' }));
    const second = await west.send(aCopy(test.sourceAmi, { ClientToken: 'once' }));

    expect(second.ImageId).toBe(first.ImageId);
    await expect(west.send(aCopy(test.sourceAmi, { ClientToken: 'once', Name: 'web-2' }))).rejects.toMatchObject({
      name: 'IdempotentParameterMismatch',
    });
  });

  it('brings the tags along only when asked, and adds those it is given', async () => {
    const source = await copyBaseImage(test, { TagSpecifications: [aTag('image', 'team', 'web')] });
    const west = test.ec2In('us-west-2');
    const east = test.ec2In('us-east-2');

    const plain = await west.send(aCopy(source.imageId));
    const tagged = await east.send(
      aCopy(source.imageId, {
        CopyImageTags: true,
        TagSpecifications: [aTag('image', 'stage', 'beta'), aTag('snapshot', 'kept', 'yes')],
      }),
    );

    const copy = await waitForImage(east, tagged.ImageId ?? '');
    expect((await waitForImage(west, plain.ImageId ?? '')).Tags).toEqual([]);
    expect(copy.Tags).toEqual([
      { Key: 'team', Value: 'web' },
      { Key: 'stage', Value: 'beta' },
    ]);
    const { Snapshots } = await east.send(new sdk.DescribeSnapshotsCommand({ SnapshotIds: [findSnapshotId(copy)] }));
    expect(Snapshots?.[0]?.Tags).toEqual([{ Key: 'kept', Value: 'yes' }]);
  });

  it('leaves permissions, deprecation and protection behind', async () => {
    const { imageId } = await copyBaseImage(test);
    await test.ec2.send(
      new sdk.ModifyImageAttributeCommand({
        ImageId: imageId,
        LaunchPermission: { Add: [{ UserId: '111111111111' }] },
      }),
    );
    await test.ec2.send(
      new sdk.EnableImageDeprecationCommand({ ImageId: imageId, DeprecateAt: new Date(Date.now() + 86_400_000) }),
    );
    await test.ec2.send(new sdk.EnableImageDeregistrationProtectionCommand({ ImageId: imageId }));

    const copy = await copyBaseImage(test, { SourceImageId: imageId, Name: 'web-copy' });

    const { LaunchPermissions } = await test.ec2.send(
      new sdk.DescribeImageAttributeCommand({ ImageId: copy.imageId, Attribute: 'launchPermission' }),
    );
    expect(LaunchPermissions).toEqual([]);
    const described = await waitForImage(test.ec2, copy.imageId);
    expect(described.DeprecationTime).toBeUndefined();
    expect(described.DeregistrationProtection).toBe('disabled');
  });

  it.each<[string, Partial<sdk.CopyImageCommandInput>, string]>([
    ['an image that is not there', { SourceImageId: 'ami-00000000000000000' }, 'InvalidAMIID.NotFound'],
    ['an image of another region than the one named', { SourceRegion: 'eu-west-1' }, 'InvalidAMIID.NotFound'],
    ['a region that is none', { SourceRegion: 'mars-1' }, 'InvalidParameterValue'],
    ['a name with wrong letters', { Name: 'a{{b}}' }, 'InvalidAMIName.Malformed'],
    ['a key without encryption', { KmsKeyId: 'alias/web' }, 'InvalidParameterDependency'],
    ['a duration between quarters of an hour', { SnapshotCopyCompletionDurationMinutes: 20 }, 'InvalidParameterValue'],
    ['a client token that is too long', { ClientToken: 'x'.repeat(129) }, 'InvalidParameterValue'],
    ['a dry run', { DryRun: true }, 'DryRunOperation'],
  ])('refuses %s', async (_what, changes, code) => {
    await expect(test.ec2.send(aCopy(test.sourceAmi, changes))).rejects.toMatchObject({ name: code });
  });

  it('refuses a name that the account has in that region, and takes it in another one', async () => {
    const { imageId } = await copyBaseImage(test);

    await expect(test.ec2.send(aCopy(imageId))).rejects.toMatchObject({ name: 'InvalidAMIName.Duplicate' });
    const { ImageId } = await test.ec2In('us-west-2').send(aCopy(imageId));

    expect(ImageId).toMatch(/^ami-/);
  });

  it('refuses an image that is not finished', async () => {
    const held = await startTestSandbox({ delays: { imageMs: 60_000 } });
    const { ImageId = '' } = await held.ec2.send(aCopy(held.sourceAmi));

    const copy = held.ec2.send(aCopy(ImageId, { Name: 'web-2' }));

    await expect(copy).rejects.toMatchObject({ name: 'InvalidAMIID.Unavailable' });
    await held.sandbox.close();
  });

  it('fails in one region alone when the fault plan says so', async () => {
    test.sandbox.loadFaults({
      faults: [{ action: 'sandbox:copy', region: 'us-west-2', effect: { kind: 'error', code: 'InternalError' } }],
    });
    const states = ['us-east-2', 'us-west-2'].map(async (region) => {
      const { ImageId = '' } = await test.ec2In(region).send(aCopy(test.sourceAmi));
      return (await waitForImage(test.ec2In(region), ImageId)).State;
    });

    expect(await Promise.all(states)).toEqual(['available', 'failed']);
  });
});

describe('encrypted copies', () => {
  it('have the key that was named by its alias, id or ARN', async () => {
    const arn = await createKmsKey(test.sandbox, { alias: 'alias/web' });

    for (const [index, KmsKeyId] of ['alias/web', arn, arn.split('/')[1] ?? ''].entries()) {
      const { snapshotId } = await copyBaseImage(test, { Name: `web-${index}.`, Encrypted: true, KmsKeyId });

      expect(await describeSnapshot(snapshotId)).toMatchObject({ Encrypted: true, KmsKeyId: arn });
    }
  });

  it('have AWS’s own key when none is named, or the one that the account prefers', async () => {
    const { snapshotId } = await copyBaseImage(test, { Encrypted: true });
    const mine = await createKmsKey(test.sandbox);
    await test.ec2.send(new sdk.ModifyEbsDefaultKmsKeyIdCommand({ KmsKeyId: mine }));
    const preferred = await copyBaseImage(test, { Name: 'web-2', Encrypted: true });
    await test.ec2.send(new sdk.ResetEbsDefaultKmsKeyIdCommand({}));
    const reset = await test.ec2.send(new sdk.GetEbsDefaultKmsKeyIdCommand({}));

    const { KmsKeyId } = await describeSnapshot(snapshotId);
    expect(KmsKeyId).toMatch(/^arn:aws:kms:us-east-1:100000000000:key\/[0-9a-f-]{36}$/);
    expect((await describeSnapshot(preferred.snapshotId)).KmsKeyId).toBe(mine);
    expect(reset.KmsKeyId).toBe('alias/aws/ebs');
  });

  it('stay encrypted, with another key, when they are copied again', async () => {
    const mine = await createKmsKey(test.sandbox);
    const first = await copyBaseImage(test, { Encrypted: true, KmsKeyId: mine });

    const second = await copyBaseImage(test, { Name: 'web-2', SourceImageId: first.imageId, Encrypted: false });

    const { Encrypted, KmsKeyId } = await describeSnapshot(second.snapshotId);
    expect(Encrypted).toBe(true);
    expect(KmsKeyId).not.toBe(mine);
  });

  it.each([
    ['that is not there', 'alias/lost'],
    ['of another region', 'arn:aws:kms:eu-west-1:100000000000:key/11111111-1111-4111-a111-111111111111'],
    ['that is none', 'arn:nonsense'],
  ])('are begun with a key %s, and fail', async (_what, KmsKeyId) => {
    const { ImageId = '' } = await test.ec2.send(aCopy(test.sourceAmi, { Encrypted: true, KmsKeyId }));

    const copy = await waitForImage(test.ec2, ImageId);

    expect(copy).toMatchObject({
      State: 'failed',
      StateReason: { Message: 'Copy image failed with an internal error.' },
    });
    expect(await describeSnapshot(findSnapshotId(copy))).toMatchObject({
      State: 'error',
      StateMessage: 'Given key ID is not accessible',
    });
  });

  it('are what every copy is when the account encrypts by default', async () => {
    await test.ec2.send(new sdk.EnableEbsEncryptionByDefaultCommand({}));

    const { snapshotId } = await copyBaseImage(test);

    expect((await describeSnapshot(snapshotId)).Encrypted).toBe(true);
  });
});

describe('encrypted volumes', () => {
  it('end their instance when their key is not there', async () => {
    const { Instances } = await test.ec2.send(
      new sdk.RunInstancesCommand({
        ImageId: test.sourceAmi,
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true, KmsKeyId: 'alias/lost' } }],
      }),
    );

    expect(Instances?.[0]).toMatchObject({
      State: { Name: 'terminated' },
      StateReason: { Code: 'Client.InternalError', Message: expect.stringContaining('Client error on launch') },
    });
    expect(test.driver.launches).toEqual([]);
  });
});

function aCopy(SourceImageId: string, changes: Partial<sdk.CopyImageCommandInput> = {}): sdk.CopyImageCommand {
  return new sdk.CopyImageCommand({ Name: 'web-1', SourceImageId, SourceRegion: 'us-east-1', ...changes });
}

function aTag(ResourceType: 'image' | 'snapshot', Key: string, Value: string): sdk.TagSpecification {
  return { ResourceType, Tags: [{ Key, Value }] };
}

async function describeSnapshot(id: string): Promise<sdk.Snapshot> {
  const { Snapshots = [] } = await test.ec2.send(new sdk.DescribeSnapshotsCommand({ SnapshotIds: [id] }));
  return Snapshots[0] ?? {};
}
