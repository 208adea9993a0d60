import {
  type ApplicationDescriptionMessage,
  type ApplicationDescriptionsMessage,
  type ApplicationVersionDescription,
  type ApplicationVersionDescriptionMessage,
  type ApplicationVersionDescriptionsMessage,
  CreateApplication$,
  type CreateApplicationMessage,
  CreateApplicationVersion$,
  type CreateApplicationVersionMessage,
  CreateStorageLocation$,
  type CreateStorageLocationResultMessage,
  DescribeApplications$,
  type DescribeApplicationsMessage,
  DescribeApplicationVersions$,
  type DescribeApplicationVersionsMessage,
} from '@aws-sdk/client-elastic-beanstalk';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { ApplicationRecord, ApplicationVersionRecord } from '../world/service-records.js';
import type { RequestContext } from '../world/services.js';

export const applicationOperations = [
  defineOperation(CreateStorageLocation$, createStorageLocation),
  defineOperation(CreateApplication$, createApplication),
  defineOperation(DescribeApplications$, describeApplications),
  defineOperation(CreateApplicationVersion$, createApplicationVersion),
  defineOperation(DescribeApplicationVersions$, describeApplicationVersions),
];

/** The account's bucket of a region, made the first time it is asked for. */
function createStorageLocation(_input: object, context: RequestContext): CreateStorageLocationResultMessage {
  const { world, region, accountId, clock } = context;
  const bucket = `elasticbeanstalk-${region}-${accountId}`;
  if (world.buckets.find(bucket) === undefined) {
    world.buckets.put({ id: bucket, region, createdAt: clock.now().toISOString() });
  }
  return { S3Bucket: bucket };
}

function createApplication(
  { ApplicationName: name = '' }: CreateApplicationMessage,
  context: RequestContext,
): ApplicationDescriptionMessage {
  if (findApplication(context, name) !== undefined) throw refuse(`Application ${name} already exists.`);
  return { Application: viewApplication(putApplication(context, name)) };
}

function describeApplications(
  { ApplicationNames: names }: DescribeApplicationsMessage,
  { world, region }: RequestContext,
): ApplicationDescriptionsMessage {
  const applications = world.applications
    .list()
    .filter((application) => application.region === region && (names?.includes(application.name) ?? true));
  return { Applications: applications.map(viewApplication) };
}

function createApplicationVersion(
  input: CreateApplicationVersionMessage,
  context: RequestContext,
): ApplicationVersionDescriptionMessage {
  const { ApplicationName: application = '', VersionLabel: label = '' } = input;
  const { S3Bucket: bucket = '', S3Key: key = '' } = input.SourceBundle ?? {};
  const id = `${context.region}:${application}:${label}`;
  if (context.world.applicationVersions.find(id) !== undefined) {
    throw refuse(`Application Version ${label} already exists.`);
  }
  if (context.world.objects.find(`${bucket}/${key}`) === undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      `Unable to download from S3 location (Bucket: ${bucket}  Key: ${key}). Reason: Not Found`,
    );
  }
  if (findApplication(context, application) === undefined) {
    if (input.AutoCreateApplication !== true) throw refuse(`No Application named '${application}' found.`);
    putApplication(context, application);
  }
  const version = context.world.applicationVersions.put({
    id,
    region: context.region,
    application,
    label,
    bucket,
    key,
    createdAt: context.clock.now().toISOString(),
  });
  return { ApplicationVersion: viewApplicationVersion(version) };
}

function describeApplicationVersions(
  { ApplicationName: application, VersionLabels: labels }: DescribeApplicationVersionsMessage,
  { world, region }: RequestContext,
): ApplicationVersionDescriptionsMessage {
  const versions = world.applicationVersions
    .list()
    .filter(
      (version) =>
        version.region === region &&
        (application === undefined || version.application === application) &&
        (labels?.includes(version.label) ?? true),
    );
  return { ApplicationVersions: versions.map(viewApplicationVersion) };
}

function findApplication({ world, region }: RequestContext, name: string): ApplicationRecord | undefined {
  return world.applications.find(`${region}:${name}`);
}

function putApplication({ world, region, clock }: RequestContext, name: string): ApplicationRecord {
  if (!/^[^/]{1,100}$/.test(name)) throw refuse(`Invalid application name '${name}'.`);
  return world.applications.put({ id: `${region}:${name}`, region, name, createdAt: clock.now().toISOString() });
}

function viewApplication({ name, createdAt }: ApplicationRecord) {
  return { ApplicationName: name, DateCreated: new Date(createdAt), DateUpdated: new Date(createdAt) };
}

function viewApplicationVersion(version: ApplicationVersionRecord): ApplicationVersionDescription {
  return {
    ApplicationName: version.application,
    VersionLabel: version.label,
    SourceBundle: { S3Bucket: version.bucket, S3Key: version.key },
    DateCreated: new Date(version.createdAt),
    DateUpdated: new Date(version.createdAt),
    Status: 'Processed',
  };
}

function refuse(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
