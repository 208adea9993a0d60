import type { RequestLaunchTemplateData } from '@aws-sdk/client-ec2';
import { AwsError } from '../wire/aws-error.js';
import type { LaunchTemplateRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';

interface TemplateName {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

/** The template that a request names, by its id or its name; both together are refused, as EC2 does. */
export function getLaunchTemplate({ world, region }: RequestContext, given: TemplateName): LaunchTemplateRecord {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = given;
  if ((id === undefined) === (name === undefined)) {
    throw new AwsError(
      'MissingParameter',
      'The request must contain either the parameter LaunchTemplateId or LaunchTemplateName',
    );
  }
  if (id !== undefined && !/^lt-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) {
    throw new AwsError('InvalidLaunchTemplateId.Malformed', `Invalid id: "${id}"`);
  }
  const template = world.launchTemplates
    .list()
    .find((each) => each.region === region && (id === undefined ? each.name === name : each.id === id));
  if (template !== undefined) return template;
  throw id === undefined
    ? new AwsError('InvalidLaunchTemplateName.NotFoundException', `The launch template name ${name} does not exist`)
    : new AwsError('InvalidLaunchTemplateId.NotFound', `The launch template ID ${id} does not exist`);
}

/** Data that says nothing at all is refused, as EC2 does. */
export function readTemplateData(data: RequestLaunchTemplateData | undefined): Readonly<Record<string, unknown>> {
  if (data !== undefined && Object.keys(data).length > 0) return { ...data };
  throw new AwsError('InvalidRequest', 'You must specify the launch template data');
}

export function assertKnownVersion({ id, versions }: LaunchTemplateRecord, number: number): void {
  if (versions.some((version) => version.number === number)) return;
  throw new AwsError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find the specified version ${number} for the launch template with ID ${id}`,
  );
}
