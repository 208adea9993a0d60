import {
  DescribePlatformVersionCommand,
  ElasticBeanstalkClient,
  ListPlatformVersionsCommand,
} from '@aws-sdk/client-elastic-beanstalk';
import type { clientSettings } from './client-settings.js';
import type { PlatformBase } from './ports.js';
import { callAws } from './translate-error.js';

/** The recommended version of a platform branch, as the EB CLI finds it; undefined when there is none. */
export async function findPlatformBase(
  settings: ReturnType<typeof clientSettings>,
  branch: string,
): Promise<PlatformBase | undefined> {
  const client = new ElasticBeanstalkClient(settings);
  try {
    const listed = await callAws('elasticbeanstalk:ListPlatformVersions', () =>
      client.send(new ListPlatformVersionsCommand({ Filters: [equals('PlatformBranchName', branch), RECOMMENDED] })),
    );
    const arn = listed.PlatformSummaryList?.[0]?.PlatformArn;
    if (arn === undefined) return undefined;
    const answer = await callAws('elasticbeanstalk:DescribePlatformVersion', () =>
      client.send(new DescribePlatformVersionCommand({ PlatformArn: arn })),
    );
    const { PlatformVersion: version = '', CustomAmiList: images = [] } = answer.PlatformDescription ?? {};
    // The list names a paravirtual image as well, whose id is empty since there is none.
    const hvm = images.filter(({ VirtualizationType }) => VirtualizationType === 'hvm');
    return {
      arn,
      version,
      imageIds: hvm.flatMap(({ ImageId }) => (ImageId === undefined || ImageId === '' ? [] : [ImageId])),
    };
  } finally {
    client.destroy();
  }
}

function equals(type: string, value: string) {
  return { Type: type, Operator: '=', Values: [value] };
}

const RECOMMENDED = equals('PlatformLifecycleState', 'Recommended');
