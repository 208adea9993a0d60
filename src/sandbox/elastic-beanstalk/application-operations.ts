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
import { cutPage } from '../ec2/pages.js';
import { done, withoutEffect } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation } from '../wire/operation.js';
import type { ApplicationRecord, ApplicationVersionRecord } from '../world/service-records.js';
import type { RequestContext } from '../world/services.js';

export const applicationOperations = [
  defineOperation(CreateStorageLocation$, createStorageLocation, {}),
  defineOperation(CreateApplication$, createApplication, { ApplicationName: done, Description: done }),
  defineOperation(DescribeApplications$, describeApplications, { ApplicationNames: done }),
  defineOperation(CreateApplicationVersion$, createApplicationVersion, {
    ApplicationName: done,
    VersionLabel: done,
    Description: done,
    SourceBundle: { S3Bucket: done, S3Key: done },
    AutoCreateApplication: done,
    Process: withoutEffect('a version is taken as it is'),
  }),
  defineOperation(DescribeApplicationVersions$, describeApplicationVersions, {
    ApplicationName: done,
    VersionLabels: done,
    MaxRecords: done,
    NextToken: done,
  }),
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
  { ApplicationName: name = '', Description: description }: CreateApplicationMessage,
  context: RequestContext,
): ApplicationDescriptionMessage {
  if (findApplication(context, name) !== undefined) throw refuse(`Application ${name} already exists.`);
  return { Application: viewApplication(putApplication(context, name, description)) };
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
    description: input.Description,
    bucket,
    key,
    createdAt: context.clock.now().toISOString(),
  });
  return { ApplicationVersion: viewApplicationVersion(version) };
}

function describeApplicationVersions(
  input: DescribeApplicationVersionsMessage,
  { world, region }: RequestContext,
): ApplicationVersionDescriptionsMessage {
  const { ApplicationName: application, VersionLabels: labels } = input;
  const versions = world.applicationVersions
    .list()
    .filter(
      (version) =>
        version.region === region &&
        (application === undefined || version.application === application) &&
        (labels?.includes(version.label) ?? true),
    );
  const page = cutPage(versions, { MaxResults: input.MaxRecords, NextToken: input.NextToken });
  return { ApplicationVersions: page.items.map(viewApplicationVersion), NextToken: page.NextToken };
}

/** An application of the request's region. */
export function findApplication({ world, region }: RequestContext, name: string): ApplicationRecord | undefined {
  return world.applications.find(`${region}:${name}`);
}

function putApplication(
  { world, region, clock }: RequestContext,
  name: string,
  description?: string,
): ApplicationRecord {
  if (!/^[^/]{1,100}$/.test(name)) throw refuse(`Invalid application name '${name}'.`);
  const createdAt = clock.now().toISOString();
  return world.applications.put({ id: `${region}:${name}`, region, name, description, createdAt });
}

function viewApplication({ name, description, createdAt }: ApplicationRecord) {
  return {
    ApplicationName: name,
    Description: description,
    DateCreated: new Date(createdAt),
    DateUpdated: new Date(createdAt),
  };
}

function viewApplicationVersion(version: ApplicationVersionRecord): ApplicationVersionDescription {
  return {
    ApplicationName: version.application,
    VersionLabel: version.label,
    Description: version.description,
    SourceBundle: { S3Bucket: version.bucket, S3Key: version.key },
    DateCreated: new Date(version.createdAt),
    DateUpdated: new Date(version.createdAt),
    Status: 'Processed',
  };
}

function refuse(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
