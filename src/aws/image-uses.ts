// Who in EC2 and SSM needs an image.
import {
  type DescribeLaunchTemplateVersionsRequest,
  type EC2Client,
  type LaunchTemplateVersion,
  paginateDescribeInstances,
  paginateDescribeLaunchTemplateVersions,
} from '@aws-sdk/client-ec2';
import { GetParametersCommand, paginateDescribeParameters, type SSMClient } from '@aws-sdk/client-ssm';
import { mapLimit } from '../map-limit.js';
import type { ImageUse } from './catalogue-ports.js';
import { collectPages } from './collect-pages.js';
import { callAws } from './translate-error.js';

/** EC2 takes at most 200 values in a filter, SSM 10 names in a call. */
const FILTER_VALUES = 200;
const PARAMETERS_AT_ONCE = 10;
const TEMPLATES_AT_ONCE = 4;
const ALIVE = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];

export async function listInstanceUses(ec2: EC2Client, imageIds: readonly string[]): Promise<readonly ImageUse[]> {
  const uses: ImageUse[] = [];
  for (const ids of cutIn(imageIds, FILTER_VALUES)) {
    const Filters = [
      { Name: 'image-id', Values: [...ids] },
      { Name: 'instance-state-name', Values: ALIVE },
    ];
    const pages = paginateDescribeInstances({ client: ec2, pageSize: 1000 }, { Filters });
    const reservations = await collectPages('ec2:DescribeInstances', pages, ({ Reservations }) => Reservations);
    const instances = reservations.flatMap(({ Instances = [] }) => Instances);
    uses.push(
      ...instances.map(({ ImageId = '', InstanceId = '', State }) => {
        return { imageId: ImageId, user: `${InstanceId} (${State?.Name ?? 'unknown'})` };
      }),
    );
  }
  return uses;
}

/** Every version counts: an Auto Scaling group, a fleet or a script may pin any of them. */
export async function listLaunchTemplateUses(ec2: EC2Client): Promise<readonly ImageUse[]> {
  // EC2 tells all versions of one template only; of all templates at once it tells the default and the latest ones.
  const templates = await listVersions(ec2, { Versions: ['$Latest'] });
  const uses = await mapLimit(templates, TEMPLATES_AT_ONCE, async (latest) => {
    const { LaunchTemplateId, VersionNumber } = latest;
    const versions = VersionNumber === 1 ? [latest] : await listVersions(ec2, { LaunchTemplateId });
    return versions.flatMap((version) => describeUse(version, VersionNumber));
  });
  return uses.flatMap((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

type VersionQuery = Pick<DescribeLaunchTemplateVersionsRequest, 'Versions' | 'LaunchTemplateId'>;

async function listVersions(ec2: EC2Client, query: VersionQuery): Promise<readonly LaunchTemplateVersion[]> {
  // Resolved: a template may name an SSM parameter in place of an image.
  const resolved = { ...query, ResolveAlias: true };
  const pages = paginateDescribeLaunchTemplateVersions({ client: ec2, pageSize: 200 }, resolved);
  const action = 'ec2:DescribeLaunchTemplateVersions';
  return await collectPages(action, pages, ({ LaunchTemplateVersions }) => LaunchTemplateVersions);
}

function describeUse(version: LaunchTemplateVersion, latest: number | undefined): readonly ImageUse[] {
  const { LaunchTemplateName, VersionNumber, DefaultVersion, LaunchTemplateData } = version;
  const imageId = LaunchTemplateData?.ImageId;
  if (imageId === undefined) return [];
  const role = VersionNumber === latest ? ' (latest)' : '';
  const mark = DefaultVersion === true ? ' (default)' : role;
  return [{ imageId, user: `${LaunchTemplateName} version ${VersionNumber}${mark}` }];
}

/** Parameters that say of themselves that they hold an image, and those named. */
export async function listParameterUses(ssm: SSMClient, named: readonly string[]): Promise<readonly ImageUse[]> {
  const ParameterFilters = [{ Key: 'DataType', Option: 'Equals', Values: ['aws:ec2:image'] }];
  const pages = paginateDescribeParameters({ client: ssm, pageSize: 50 }, { ParameterFilters });
  const found = await collectPages('ssm:DescribeParameters', pages, ({ Parameters }) => Parameters);
  const names = [...new Set([...named, ...found.flatMap(({ Name }) => Name ?? [])])];
  const uses: ImageUse[] = [];
  for (const Names of cutIn(names, PARAMETERS_AT_ONCE)) {
    const { Parameters = [] } = await callAws('ssm:GetParameters', () =>
      ssm.send(new GetParametersCommand({ Names: [...Names] })),
    );
    uses.push(...Parameters.map(({ Name = '', Value = '' }) => ({ imageId: Value, user: Name })));
  }
  return uses;
}

function cutIn<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
