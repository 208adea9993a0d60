// gc beside a living Elastic Beanstalk environment of the sandbox.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateImageCommand,
  CreateTagsCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateApplicationCommand,
  CreateEnvironmentCommand,
  DescribePlatformVersionCommand,
  ElasticBeanstalkClient,
} from '@aws-sdk/client-elastic-beanstalk';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createAwsAccess } from '../../../src/aws/create-aws-access.js';
import { toTags } from '../../../src/aws/tags.js';
import { planGarbage } from '../../../src/build/catalogue/collect-garbage.js';
import { createBuildContext, systemClock } from '../../../src/build/context.js';
import { clientOptions, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import { keepRules } from '../../support/an-own-image.js';
import { writeFakePacker } from '../../support/fake-packer.js';
import { orderPlatform } from '../../support/order-platform.js';
import { zipPlatform } from '../../support/platform-files.js';

const ARN = 'arn:aws:elasticbeanstalk:us-east-1:100000000000:platform/web/1.0.0';
const PATH = process.env['PATH'];

let test: TestSandbox;
let eb: ElasticBeanstalkClient;
let folder: string;
beforeEach(async () => {
  test = await startTestSandbox();
  eb = new ElasticBeanstalkClient(clientOptions(test.sandbox, 'us-east-1'));
  folder = mkdtempSync(join(tmpdir(), 'gc-'));
  process.env['PATH'] = `${folder}:${PATH}`;
});
afterEach(async () => {
  process.env['PATH'] = PATH;
  eb.destroy();
  await test.sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('gc', () => {
  it('keeps the image that an environment was given, and that of its platform, and says for which', async () => {
    const [ofPlatform, given, idle] = [await makeImage('one'), await makeImage('two'), await makeImage('three')];
    await createPlatform(ofPlatform);
    await createEnvironment(given);

    const reasons = await decide();

    expect(reasons.get(idle)?.verdict).toBe('remove');
    expect(reasons.get(given)).toMatchObject({ verdict: 'keep', text: expect.stringContaining('shop-test') });
    expect(reasons.get(ofPlatform)).toMatchObject({ verdict: 'keep', text: expect.stringContaining('web') });
  });
});

async function makeImage(name: string): Promise<string> {
  const { Instances = [] } = await test.ec2.send(
    new RunInstancesCommand({ ImageId: test.sourceAmi, MinCount: 1, MaxCount: 1 }),
  );
  const InstanceId = Instances[0]?.InstanceId ?? '';
  const { ImageId = '' } = await test.ec2.send(new CreateImageCommand({ InstanceId, Name: name }));
  const Tags = toTags({ 'buildimg:image': name, 'buildimg:version': '1.0.0' });
  await test.ec2.send(new CreateTagsCommand({ Resources: [ImageId], Tags }));
  await test.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
  return ImageId;
}

async function createPlatform(imageId: string): Promise<void> {
  writeFakePacker(folder, { lines: [`ami,artifact,0,id,us-east-1:${imageId}`] });
  await orderPlatform(test, eb, zipPlatform());
  for (;;) {
    const { PlatformDescription } = await eb.send(new DescribePlatformVersionCommand({ PlatformArn: ARN }));
    if (PlatformDescription?.PlatformStatus === 'Ready') return;
    await sleep(20);
  }
}

async function createEnvironment(imageId: string): Promise<void> {
  const option = { Namespace: 'aws:autoscaling:launchconfiguration', OptionName: 'ImageId', Value: imageId };
  const names = { ApplicationName: 'shop', EnvironmentName: 'shop-test' };
  await eb.send(new CreateApplicationCommand({ ApplicationName: 'shop' }));
  await eb.send(new CreateEnvironmentCommand({ ...names, PlatformArn: ARN, OptionSettings: [option] }));
}

async function decide() {
  const { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } = test.sandbox.credentials;
  const environment = { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, XDG_STATE_HOME: folder };
  const aws = createAwsAccess({ region: 'us-east-1', endpoint: test.sandbox.endpoint, environment });
  const clock = { ...systemClock, now: () => systemClock.now() + 200 * 86_400_000 };
  const context = { ...createBuildContext(environment, () => undefined), clock };
  const { decisions } = await planGarbage(keepRules(), { aws, context, signal: new AbortController().signal });
  aws.close();
  return new Map(
    decisions.map(({ image, verdict, reasons }) => [
      image.id,
      { verdict, text: reasons.map(({ text }) => text).join('; ') },
    ]),
  );
}
