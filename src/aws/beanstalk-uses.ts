// Which images Elastic Beanstalk needs; loaded only by whoever asks.
import {
  DescribeConfigurationSettingsCommand,
  DescribePlatformVersionCommand,
  ElasticBeanstalkClient,
  type EnvironmentDescription,
  paginateListPlatformVersions,
} from '@aws-sdk/client-elastic-beanstalk';
import type { ImageUse } from './catalogue-ports.js';
import type { clientSettings } from './client-settings.js';
import { collectPages } from './collect-pages.js';
import { listLivingEnvironments } from './elastic-beanstalk-environments.js';
import { callAws } from './translate-error.js';

type Settings = ReturnType<typeof clientSettings>;

/** Also of environments that run no instance at the moment: the next one starts from it. */
export async function listEnvironmentUses(settings: Settings): Promise<readonly ImageUse[]> {
  return await withClient(settings, async (client) => {
    const uses: ImageUse[] = [];
    for (const environment of await listLivingEnvironments(client)) {
      uses.push(...(await listImagesOf(client, environment)));
    }
    return uses;
  });
}

async function listImagesOf(
  client: ElasticBeanstalkClient,
  { ApplicationName, EnvironmentName }: EnvironmentDescription,
): Promise<readonly ImageUse[]> {
  const command = new DescribeConfigurationSettingsCommand({ ApplicationName, EnvironmentName });
  const { ConfigurationSettings = [] } = await callAws('elasticbeanstalk:DescribeConfigurationSettings', () =>
    client.send(command),
  );
  const options = ConfigurationSettings.flatMap(({ OptionSettings = [] }) => OptionSettings);
  return options
    .filter(({ Namespace, OptionName }) => Namespace === LAUNCH && OptionName === 'ImageId')
    .flatMap(({ Value: imageId }) => (imageId ? [{ imageId, user: EnvironmentName ?? '' }] : []));
}

const LAUNCH = 'aws:autoscaling:launchconfiguration';

/** Custom platforms of this account. */
export async function listPlatformUses(settings: Settings): Promise<readonly ImageUse[]> {
  return await withClient(settings, async (client) => {
    const Filters = [{ Type: 'PlatformOwner', Operator: '=', Values: ['self'] }];
    const pages = paginateListPlatformVersions({ client }, { Filters });
    const platforms = await collectPages(
      'elasticbeanstalk:ListPlatformVersions',
      pages,
      ({ PlatformSummaryList }) => PlatformSummaryList,
    );
    const uses: ImageUse[] = [];
    for (const { PlatformArn } of platforms) {
      const { PlatformDescription: platform } = await callAws('elasticbeanstalk:DescribePlatformVersion', () =>
        client.send(new DescribePlatformVersionCommand({ PlatformArn })),
      );
      const user = `${platform?.PlatformName}/${platform?.PlatformVersion}`;
      const images = (platform?.CustomAmiList ?? []).flatMap(({ ImageId }) => ImageId ?? []);
      uses.push(...images.map((imageId) => ({ imageId, user })));
    }
    return uses;
  });
}

async function withClient<T>(settings: Settings, act: (client: ElasticBeanstalkClient) => Promise<T>): Promise<T> {
  const client = new ElasticBeanstalkClient(settings);
  try {
    return await act(client);
  } finally {
    client.destroy();
  }
}
