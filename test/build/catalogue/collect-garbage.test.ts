// Effects of gc on the sandbox, by the SDK. Images are copies of the base image; the clock of gc stands months ahead.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CopyImageCommand,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  EnableImageDeregistrationProtectionCommand,
  ModifyImageAttributeCommand,
  RegisterImageCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AwsAccess, createAwsAccess } from '../../../src/aws/create-aws-access.js';
import { collectGarbage, type GarbageScope, planGarbage } from '../../../src/build/catalogue/collect-garbage.js';
import { createBuildContext, systemClock } from '../../../src/build/context.js';
import type { BuildimgEvent } from '../../../src/events.js';
import { startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import { keepRules } from '../../support/an-own-image.js';

const MONTHS_MS = 200 * 86_400_000;

let test: TestSandbox;
let aws: AwsAccess;
let folder: string;
let scope: GarbageScope;
let events: BuildimgEvent[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gc-'));
  test = await startTestSandbox();
  const { accessKeyId, secretAccessKey } = test.sandbox.credentials;
  const environment = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    XDG_STATE_HOME: folder,
  };
  aws = createAwsAccess({ region: 'us-east-1', endpoint: test.sandbox.endpoint, environment });
  events = [];
  const clock = {
    now: () => systemClock.now() + MONTHS_MS,
    sleep: (_: number, signal: AbortSignal) => systemClock.sleep(1, signal),
  };
  const context = { ...createBuildContext(environment, (event) => void events.push(event)), clock };
  scope = { aws, context, signal: new AbortController().signal };
});
afterEach(async () => {
  aws.close();
  await test.sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An image of a build, by its tags. */
async function makeImage(version: string, tags: Readonly<Record<string, string>> = {}): Promise<string> {
  const all = { 'buildimg:image': 'web', 'buildimg:version': version, ...tags };
  const Tags = Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
  const { ImageId = '' } = await test.ec2.send(
    new CopyImageCommand({
      Name: `web-${version}`,
      SourceImageId: test.sourceAmi,
      SourceRegion: 'us-east-1',
      TagSpecifications: (['image', 'snapshot'] as const).map((ResourceType) => ({ ResourceType, Tags })),
    }),
  );
  for (;;) {
    const { Images: [image] = [] } = await test.ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
    if (image?.State === 'available') return ImageId;
  }
}

async function copyWithTags(imageId: string, name: string): Promise<string> {
  const order = { Name: name, SourceImageId: imageId, SourceRegion: 'us-east-1', CopyImageTags: true };
  const { ImageId = '' } = await test.ec2.send(new CopyImageCommand(order));
  for (;;) {
    const { Images: [image] = [] } = await test.ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
    if (image?.State === 'available') return ImageId;
  }
}

async function snapshotOf(imageId: string): Promise<string> {
  const { Images: [image] = [] } = await test.ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
  return image?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
}

async function listImageIds(): Promise<readonly (string | undefined)[]> {
  const { Images = [] } = await test.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
  return Images.map(({ ImageId }) => ImageId);
}

async function listSnapshotIds(): Promise<readonly (string | undefined)[]> {
  const { Snapshots = [] } = await test.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  return Snapshots.map(({ SnapshotId }) => SnapshotId);
}

async function reasonsOf(imageId: string): Promise<readonly string[]> {
  const { decisions } = await planGarbage(keepRules(), scope);
  const decision = decisions.find(({ image }) => image.id === imageId);
  return decision?.verdict === 'keep' ? decision.reasons.map(({ text }) => text) : [];
}

async function collect(rules = keepRules()) {
  return await collectGarbage(await planGarbage(rules, scope), rules, scope);
}

describe('collectGarbage', () => {
  it('removes an image that nothing keeps with its snapshot, and keeps the newest', async () => {
    const old = await makeImage('1.0.0');
    const kept = await makeImage('1.1.0');
    const snapshot = await snapshotOf(old);
    const keptSnapshot = await snapshotOf(kept);

    const left = await collect(keepRules({ keep: 1 }));

    expect(left).toEqual([]);
    expect(await listImageIds()).toEqual([kept]);
    expect(await listSnapshotIds()).toEqual([keptSnapshot]);
    expect(events.map((event) => ('id' in event ? `${event.name} ${event.id}` : event.name))).toEqual([
      `resource.removed ${old}`,
      `resource.removed ${snapshot}`,
    ]);
  });

  it('sees nothing but images of builds', async () => {
    await test.ec2.send(
      new CopyImageCommand({ Name: 'somebody', SourceImageId: test.sourceAmi, SourceRegion: 'us-east-1' }),
    );

    const { decisions } = await planGarbage(keepRules(), scope);

    expect(decisions).toEqual([]);
  });

  it('keeps an image while an instance of it is there, also a stopped one', async () => {
    const id = await makeImage('1.0.0');
    const { Instances: [instance] = [] } = await test.ec2.send(
      new RunInstancesCommand({ ImageId: id, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
    );
    const InstanceIds = [instance?.InstanceId ?? ''];

    const whileRunning = await reasonsOf(id);
    await test.ec2.send(new StopInstancesCommand({ InstanceIds }));
    const whileStopped = await reasonsOf(id);
    await test.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
    const afterwards = await reasonsOf(id);

    expect(whileRunning).toEqual([expect.stringMatching(/^runs as instance i-\w+ \((pending|running)\)$/)]);
    expect(whileStopped).toEqual([expect.stringMatching(/^runs as instance i-\w+ \(stop(ping|ped)\)$/)]);
    expect(afterwards).toEqual([]);
  });

  it('keeps an image that was launched of late, after its instances have gone', async () => {
    const id = await makeImage('1.0.0');
    const { Instances: [instance] = [] } = await test.ec2.send(
      new RunInstancesCommand({ ImageId: id, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
    );
    await test.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance?.InstanceId ?? ''] }));

    const { decisions } = await planGarbage(keepRules({ unusedForMs: 2 * MONTHS_MS }), scope);

    expect(decisions).toMatchObject([{ verdict: 'keep', reasons: [{ rule: 'launched' }] }]);
  });

  it('keeps the images of all versions of a launch template, for each may be pinned', async () => {
    const [first, second, third] = [await makeImage('1.0.0'), await makeImage('1.1.0'), await makeImage('1.2.0')];
    await test.ec2.send(
      new CreateLaunchTemplateCommand({ LaunchTemplateName: 'web', LaunchTemplateData: { ImageId: first } }),
    );
    for (const ImageId of [second, third]) {
      await test.ec2.send(
        new CreateLaunchTemplateVersionCommand({ LaunchTemplateName: 'web', LaunchTemplateData: { ImageId } }),
      );
    }

    const reasons = [await reasonsOf(first), await reasonsOf(second), await reasonsOf(third)];

    expect(reasons).toEqual([
      ['is launched by launch template web version 1 (default)'],
      ['is launched by launch template web version 2'],
      ['is launched by launch template web version 3 (latest)'],
    ]);
  });

  it('keeps an image that a parameter names, also one of another type that the image was promoted to', async () => {
    const typed = await makeImage('1.0.0');
    const plain = await makeImage('1.1.0', { 'buildimg:parameter': '/acme/plain' });
    await test.ssm.send(
      new PutParameterCommand({ Name: '/acme/web', Value: typed, Type: 'String', DataType: 'aws:ec2:image' }),
    );
    await test.ssm.send(new PutParameterCommand({ Name: '/acme/plain', Value: plain, Type: 'String' }));

    const reasons = [await reasonsOf(typed), await reasonsOf(plain)];

    expect(reasons).toEqual([['is named by SSM parameter /acme/web'], ['is named by SSM parameter /acme/plain']]);
  });

  it('keeps shared, protected and tagged images', async () => {
    const shared = await makeImage('1.0.0');
    const guarded = await makeImage('1.1.0');
    const tagged = await makeImage('1.2.0', { 'buildimg:keep': 'for the audit' });
    await test.ec2.send(
      new ModifyImageAttributeCommand({
        ImageId: shared,
        LaunchPermission: { Add: [{ UserId: '210987654321' }] },
      }),
    );
    await test.ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId: guarded }));

    const reasons = [await reasonsOf(shared), await reasonsOf(guarded), await reasonsOf(tagged)];

    expect(reasons).toEqual([
      ['is shared with 210987654321'],
      ['is protected from deregistration'],
      ['carries the tag buildimg:keep'],
    ]);
  });

  it.each([
    ['ec2:DescribeInstances', 'Whether an instance runs it'],
    ['ec2:DescribeLaunchTemplateVersions', 'Whether a launch template names it'],
    ['ssm:DescribeParameters', 'Whether an SSM parameter names it'],
    ['elasticbeanstalk:DescribeEnvironments', 'Whether an environment uses it'],
    ['elasticbeanstalk:ListPlatformVersions', 'Whether a custom platform is made of it'],
    ['ec2:DescribeImageAttribute', 'Whom it is shared with'],
  ])('removes nothing when %s may not be called', async (action, words) => {
    const id = await makeImage('1.0.0');
    test.sandbox.loadFaults({
      faults: [{ action, times: 99, effect: { kind: 'error', code: 'UnauthorizedOperation', status: 403 } }],
    });

    const left = await collect();

    expect(left).toEqual([]);
    expect(await listImageIds()).toEqual([id]);
    expect((await reasonsOf(id)).join()).toContain(`${words} is not known: These credentials may not call ${action}`);
  });

  it('leaves a snapshot that no build made, and one that another image is made of', async () => {
    const foreign = await makeImage('1.0.0');
    const sharing = await makeImage('1.1.0');
    const [foreignSnapshot, usedSnapshot] = [await snapshotOf(foreign), await snapshotOf(sharing)];
    const { ImageId: other } = await test.ec2.send(
      new RegisterImageCommand({
        Name: 'other',
        Architecture: 'x86_64',
        VirtualizationType: 'hvm',
        RootDeviceName: '/dev/xvda',
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: usedSnapshot } }],
      }),
    );
    await test.ec2.send(new DeleteTagsCommand({ Resources: [foreignSnapshot] }));

    const left = await collect();

    expect(left).toEqual([]);
    expect(await listImageIds()).toEqual([other]);
    expect(new Set(await listSnapshotIds())).toEqual(new Set([foreignSnapshot, usedSnapshot]));
  });

  it('does not remove what came into use after the plan was shown', async () => {
    const id = await makeImage('1.0.0');
    const plan = await planGarbage(keepRules(), scope);
    await test.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'buildimg:keep', Value: '' }] }));

    await collectGarbage(plan, keepRules(), scope);

    expect(await listImageIds()).toEqual([id]);
  });

  it('deletes the snapshot that an earlier collection left when it was cut short', async () => {
    const id = await makeImage('1.0.0');
    const snapshot = await snapshotOf(id);
    await test.ec2.send(
      new CreateTagsCommand({ Resources: [snapshot], Tags: [{ Key: 'buildimg:removing', Value: id }] }),
    );
    await test.ec2.send(new DeregisterImageCommand({ ImageId: id }));

    const plan = await planGarbage(keepRules(), scope);
    const left = await collectGarbage(plan, keepRules(), scope);

    expect(plan.snapshots).toEqual([{ id: snapshot, imageId: id, sizeGib: 8 }]);
    expect(left).toEqual([]);
    expect(await listSnapshotIds()).toEqual([]);
  });

  it('neither removes nor counts an image that was copied with its tags under another name', async () => {
    const [old, newest] = [await makeImage('1.0.0'), await makeImage('1.1.0')];
    const copy = await copyWithTags(newest, 'frozen for the audit');
    const before = await listSnapshotIds();

    const { decisions } = await planGarbage(keepRules({ keep: 2 }), scope);
    const left = await collect(keepRules({ keep: 0 }));

    expect(decisions.map(({ image, verdict }) => [image.id, verdict])).toEqual([
      [newest, 'keep'],
      [old, 'keep'],
    ]);
    expect(left).toEqual([]);
    expect(await listImageIds()).toEqual([copy]);
    expect(await listSnapshotIds()).toEqual([await snapshotOf(copy)]);
    expect(before).toHaveLength(3);
  });

  it('leaves a snapshot that was copied with the tags of one that was about to go', async () => {
    const [id, other] = [await makeImage('1.0.0'), await makeImage('1.1.0')];
    const copy = await snapshotOf(other);
    await test.ec2.send(new DeregisterImageCommand({ ImageId: other }));
    const Tags = [
      { Key: 'buildimg:image', Value: 'web' },
      { Key: 'buildimg:removing', Value: id },
    ];
    await test.ec2.send(new CreateTagsCommand({ Resources: [copy], Tags }));

    await collect(keepRules({ keep: 0 }));

    expect(await listSnapshotIds()).toEqual([copy]);
  });

  it('says what would not go away', async () => {
    const id = await makeImage('1.0.0');
    test.sandbox.loadFaults({
      faults: [{ action: 'ec2:DeregisterImage', times: 9, effect: { kind: 'error', code: 'OperationNotPermitted' } }],
    });

    const left = await collect();

    expect(left).toEqual([{ kind: 'image', id, reason: expect.stringContaining('OperationNotPermitted') }]);
    expect(await listImageIds()).toEqual([id]);
  });

  it('waits for a snapshot that counts as in use for a while', async () => {
    await makeImage('1.0.0');
    test.sandbox.loadFaults({
      faults: [{ action: 'ec2:DeleteSnapshot', times: 2, effect: { kind: 'error', code: 'InvalidSnapshot.InUse' } }],
    });

    const left = await collect();

    expect(left).toEqual([]);
    expect(await listSnapshotIds()).toEqual([]);
  });

  it('refuses to remove in another account than the one that the plan is of', async () => {
    const id = await makeImage('1.0.0');
    const plan = await planGarbage(keepRules(), scope);

    const removal = collectGarbage({ ...plan, account: '999999999999' }, keepRules(), scope);

    await expect(removal).rejects.toMatchObject({ code: 'CATALOGUE_OTHER_ACCOUNT', exit: 3 });
    expect(await listImageIds()).toEqual([id]);
  });
});
