import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { EBSClient, ListSnapshotBlocksCommand } from '@aws-sdk/client-ebs';
import * as sdk from '@aws-sdk/client-ec2';
import { CreateRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Account } from '../../../src/sandbox/world/accounts.js';
import { clientOptions, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import { createKmsKey } from '../../support/call-kms.js';
import { copyBaseImage, findSnapshotId, waitForImage } from '../../support/sandbox-images.js';

const OTHER = '222222222222';
const ORGANIZATION = 'arn:aws:organizations::111111111111:organization/o-abcdefghij';
const UNIT = 'arn:aws:organizations::111111111111:ou/o-abcdefghij/ou-ab12-12345678';

let test: TestSandbox;
let other: Account;
let theirs: sdk.EC2Client;
beforeEach(async () => {
  test = await startTestSandbox();
  other = await test.sandbox.addAccount({ accountId: OTHER, memberOf: [UNIT] });
  theirs = new sdk.EC2Client(optionsOf(other));
});
afterEach(() => test.sandbox.close());

describe('another account', () => {
  it('is who its key says', async () => {
    const identity = await new STSClient(optionsOf(other)).send(new GetCallerIdentityCommand({}));

    expect(identity).toMatchObject({ Account: OTHER, Arn: `arn:aws:iam::${OTHER}:user/sandbox` });
  });

  it('keeps its key when it is added again and when the sandbox comes back', async () => {
    const again = await test.sandbox.addAccount({ accountId: OTHER, memberOf: [] });
    await test.sandbox.close();
    test = await startTestSandbox({ stateDir: test.sandbox.paths.stateDir });

    const identity = await new STSClient(optionsOf(other)).send(new GetCallerIdentityCommand({}));

    expect(again.accessKeyId).toBe(other.accessKeyId);
    expect(identity.Account).toBe(OTHER);
  });

  it.each([[{ accountId: 'me', memberOf: [] }], [{ accountId: OTHER, memberOf: ['o-abcdefghij'] }]])(
    'is refused as %j',
    async (request) => {
      await expect(test.sandbox.addAccount(request)).rejects.toMatchObject({ code: 'SANDBOX_ACCOUNT_INVALID' });
    },
  );

  it('sees none of what the first one has, and may use the same names', async () => {
    const mine = await launch(test.ec2, test.sourceAmi);
    await test.ec2.send(new sdk.CreateKeyPairCommand({ KeyName: 'key' }));
    await test.ec2.send(new sdk.CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' }));
    await test.ec2.send(new sdk.EnableEbsEncryptionByDefaultCommand({}));
    await test.ssm.send(new PutParameterCommand({ Name: '/acme/web', Value: 'one', Type: 'String' }));
    await new IAMClient(clientOptions(test.sandbox, 'us-east-1')).send(aRole());

    const { Reservations } = await theirs.send(new sdk.DescribeInstancesCommand({}));
    const { Volumes } = await theirs.send(new sdk.DescribeVolumesCommand({}));
    const { EbsEncryptionByDefault } = await theirs.send(new sdk.GetEbsEncryptionByDefaultCommand({}));
    const { Roles } = await new IAMClient(optionsOf(other)).send(new ListRolesCommand({}));
    await theirs.send(new sdk.CreateKeyPairCommand({ KeyName: 'key' }));
    await theirs.send(new sdk.CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' }));
    const ssm = new SSMClient(optionsOf(other));
    await expect(ssm.send(new GetParameterCommand({ Name: '/acme/web' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
    const { Version } = await ssm.send(new PutParameterCommand({ Name: '/acme/web', Value: 'two', Type: 'String' }));

    expect({ Reservations, Volumes, EbsEncryptionByDefault, Roles, Version }).toEqual({
      Reservations: [],
      Volumes: [],
      EbsEncryptionByDefault: false,
      Roles: [],
      Version: 1,
    });
    const terminate = theirs.send(new sdk.TerminateInstancesCommand({ InstanceIds: [mine] }));
    await expect(terminate).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
    expect((await test.ssm.send(new GetParameterCommand({ Name: '/acme/web' }))).Parameter?.Value).toBe('one');
  });

  it('launches with addresses that nobody has, and what it launched is its own', async () => {
    await launch(test.ec2, test.sourceAmi);

    const id = await launch(theirs, test.sourceAmi);

    const { Reservations = [] } = await theirs.send(new sdk.DescribeInstancesCommand({ InstanceIds: [id] }));
    expect(Reservations[0]).toMatchObject({ OwnerId: OTHER, Instances: [{ State: { Name: 'running' } }] });
    expect(new Set(test.driver.launches.map(({ publicIp }) => publicIp)).size).toBe(2);
    expect(test.driver.launches[1]?.metadata.accountId).toBe(OTHER);
  });

  it('does not have the same client tokens', async () => {
    const first = await launch(test.ec2, test.sourceAmi, { ClientToken: 'once' });

    const second = await launch(theirs, test.sourceAmi, { ClientToken: 'once' });

    expect(second).not.toBe(first);
  });

  it('has buckets of its own, whose names nobody else has', async () => {
    const s3 = new S3Client({ ...clientOptions(test.sandbox, 'us-east-1'), forcePathStyle: true });
    const theirS3 = new S3Client({ ...optionsOf(other), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'my-bucket' }));

    const taken = theirS3.send(new CreateBucketCommand({ Bucket: 'my-bucket' }));
    await expect(taken).rejects.toMatchObject({ name: 'BucketAlreadyExists' });
    const read = theirS3.send(new ListObjectsV2Command({ Bucket: 'my-bucket' }));
    await expect(read).rejects.toMatchObject({ name: 'AccessDenied' });
    expect((await theirS3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
  });

  it('is refused where the sandbox knows one account only', async () => {
    const logs = new CloudWatchLogsClient(optionsOf(other));

    await expect(logs.send(new DescribeLogGroupsCommand({}))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('an image of the first account', () => {
  it('is not there for another one until it is shared, and then can be launched', async () => {
    const { imageId } = await copyBaseImage(test, {
      TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'team', Value: 'web' }] }],
    });
    await expect(launch(theirs, imageId)).rejects.toMatchObject({ name: 'InvalidAMIID.NotFound' });
    expect((await theirs.send(new sdk.DescribeImagesCommand({ Owners: [ownId()] }))).Images).toEqual([]);

    await share(imageId, { UserId: OTHER });

    const { Images } = await theirs.send(new sdk.DescribeImagesCommand({ ExecutableUsers: ['self'] }));
    expect(Images).toMatchObject([{ ImageId: imageId, OwnerId: ownId(), Tags: [] }]);
    expect(await launch(theirs, imageId)).toMatch(/^i-/);
    const deregister = theirs.send(new sdk.DeregisterImageCommand({ ImageId: imageId }));
    await expect(deregister).rejects.toMatchObject({ name: 'AuthFailure' });
    const tag = new sdk.CreateTagsCommand({ Resources: [imageId], Tags: [{ Key: 'a', Value: 'b' }] });
    await expect(theirs.send(tag)).rejects.toMatchObject({ name: 'UnsupportedOperation' });
  });

  it.each<[string, sdk.LaunchPermission, boolean]>([
    ['a unit that the other is in', { OrganizationalUnitArn: UNIT }, true],
    ['an organisation that the other is not recorded in', { OrganizationArn: ORGANIZATION }, false],
    ['everybody', { Group: 'all' }, true],
    ['a third account', { UserId: '333333333333' }, false],
  ])('shared with %s: %j gives %j', async (_whom, permission, isSeen) => {
    const { imageId } = await copyBaseImage(test);

    await share(imageId, permission);

    const seen = theirs.send(new sdk.DescribeImagesCommand({ ImageIds: [imageId] })).then(
      () => true,
      () => false,
    );
    expect(await seen).toBe(isSeen);
  });

  it('is copied by another one only with permission on its snapshot', async () => {
    const { imageId, snapshotId } = await copyBaseImage(test, { TagSpecifications: [] });
    await share(imageId, { UserId: OTHER });
    const copy = new sdk.CopyImageCommand({ Name: 'web-1', SourceImageId: imageId, SourceRegion: 'us-east-1' });

    await expect(theirs.send(copy)).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: 'You do not have permission to access the storage of this ami',
    });
    await test.ec2.send(
      new sdk.ModifySnapshotAttributeCommand({
        SnapshotId: snapshotId,
        CreateVolumePermission: { Add: [{ UserId: OTHER }] },
      }),
    );
    const { ImageId = '' } = await theirs.send(copy);

    const copied = await waitForImage(theirs, ImageId);
    expect(copied).toMatchObject({ State: 'available', OwnerId: OTHER, Name: 'web-1' });
    await test.ec2.send(new sdk.DeregisterImageCommand({ ImageId: imageId, DeleteAssociatedSnapshots: true }));
    expect(await launch(theirs, ImageId)).toMatch(/^i-/);
    const { Snapshots } = await theirs.send(new sdk.DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    expect(Snapshots?.map(({ SnapshotId }) => SnapshotId)).toEqual([findSnapshotId(copied)]);
  });

  it('is copied with a key of the account that copies', async () => {
    const key = await createKmsKey({ ...test.sandbox, credentials: other });
    const { ImageId = '' } = await theirs.send(
      new sdk.CopyImageCommand({
        Name: 'web-1',
        SourceImageId: test.sourceAmi,
        SourceRegion: 'us-east-1',
        Encrypted: true,
        KmsKeyId: key,
      }),
    );

    const copied = await waitForImage(theirs, ImageId);

    const { Snapshots } = await theirs.send(
      new sdk.DescribeSnapshotsCommand({ SnapshotIds: [findSnapshotId(copied)] }),
    );
    expect(Snapshots?.[0]).toMatchObject({ OwnerId: OTHER, KmsKeyId: key });
    expect(key).toContain(`:${OTHER}:key/`);
  });

  it('keeps its blocks from others', async () => {
    const { snapshotId } = await copyBaseImage(test);

    const list = new EBSClient(optionsOf(other)).send(new ListSnapshotBlocksCommand({ SnapshotId: snapshotId }));

    await expect(list).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

function optionsOf(account: Account) {
  return { ...clientOptions(test.sandbox, 'us-east-1'), credentials: account };
}

function ownId(): string {
  return test.sandbox.credentials.accountId;
}

async function launch(
  ec2: sdk.EC2Client,
  ImageId: string,
  changes: Partial<sdk.RunInstancesCommandInput> = {},
): Promise<string> {
  const input = { ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...changes } as const;
  const { Instances = [] } = await ec2.send(new sdk.RunInstancesCommand(input));
  return Instances[0]?.InstanceId ?? '';
}

async function share(ImageId: string, permission: sdk.LaunchPermission): Promise<void> {
  await test.ec2.send(new sdk.ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Add: [permission] } }));
}

function aRole(): CreateRoleCommand {
  return new CreateRoleCommand({
    RoleName: 'builder',
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [] }),
  });
}
