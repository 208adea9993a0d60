import {
  type ConfigurationOptionSetting,
  CreatePlatformVersionCommand,
  CreateStorageLocationCommand,
  type ElasticBeanstalkClient,
} from '@aws-sdk/client-elastic-beanstalk';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { clientOptions, type TestSandbox } from './a-sandbox.js';

/** Uploads the archive of a platform `web` and asks for the version; the sandbox builds it with the packer of PATH. */
export async function orderPlatform(
  { sandbox }: TestSandbox,
  eb: ElasticBeanstalkClient,
  archive: Uint8Array,
  version = '1.0.0',
  options: readonly ConfigurationOptionSetting[] = [],
): Promise<void> {
  const s3 = new S3Client(clientOptions(sandbox, 'us-east-1'));
  const { S3Bucket } = await eb.send(new CreateStorageLocationCommand({}));
  await s3.send(new PutObjectCommand({ Bucket: S3Bucket, Key: 'web/app.zip', Body: archive }));
  s3.destroy();
  await eb.send(
    new CreatePlatformVersionCommand({
      PlatformName: 'web',
      PlatformVersion: version,
      PlatformDefinitionBundle: { S3Bucket, S3Key: 'web/app.zip' },
      OptionSettings: [...options],
    }),
  );
}
