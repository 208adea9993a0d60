// Codes of the platform commands and of the sandbox's environments, for the table in ../errors.ts.
import { ExitCode } from '../exit-code.js';

export const platformServiceErrors = {
  PLATFORM_WORKSPACE_MISSING: {
    exit: ExitCode.missing,
    message: (folder: string) => `${folder} is no platform workspace: it has no .elasticbeanstalk/config.yml`,
    hint: 'Run buildimg platform init NAME, or stand in a folder that render --target eb-platform wrote.',
  },
  PLATFORM_WORKSPACE_INVALID: {
    exit: ExitCode.usage,
    message: (file: string, reason: string) => `${file} ${reason}`,
    hint: 'Run buildimg platform init NAME in a folder of its own, and compare.',
  },
  PLATFORM_NAME_INVALID: {
    exit: ExitCode.usage,
    message: (name: string) =>
      `"${name}" is not a platform name: it may have neither ":" nor "/" and at most 100 characters`,
  },
  PLATFORM_VERSION_INVALID: {
    exit: ExitCode.usage,
    message: (version: string) => `"${version}" is not a platform version`,
    hint: 'Versions are three numbers, such as 1.0.4; NAME/1.0.4 and an ARN are understood where a version exists.',
  },
  PLATFORM_VERSION_UNKNOWN: {
    exit: ExitCode.missing,
    message: (version: string) => `No such version exists for the current platform: ${version}`,
    hint: 'buildimg platform list shows those that there are.',
  },
  PLATFORM_REGION_MISSING: {
    exit: ExitCode.usage,
    message: () => 'No region is known to work in',
    hint: 'Give --region, or set global.default_region in .elasticbeanstalk/config.yml, or AWS_REGION.',
  },
  PLATFORM_REFUSED: {
    exit: ExitCode.usage,
    message: (folder: string, problems: string) => `The platform in ${folder} cannot be built:\n${problems}`,
    hint: 'buildimg platform lint shows the warnings as well.',
  },
  PLATFORM_BUILD_FAILED: {
    exit: ExitCode.buildFailed,
    message: (label: string, reason: string) => `Failed to create platform version '${label}': ${reason}`,
    hint: (label: string) =>
      `Nothing of it is left. Its whole log: buildimg platform logs ${label.slice(label.indexOf('/') + 1)}`,
  },
  PLATFORM_CREATE_LEFT: {
    exit: ExitCode.interrupted,
    message: (label: string) => `Not following ${label} any more; Elastic Beanstalk goes on creating it`,
    hint: (label: string) => {
      const version = label.slice(label.indexOf('/') + 1);
      return `Follow it: buildimg platform events ${version} --follow. Remove it, once it is not Creating any more: buildimg platform delete ${version} --force`;
    },
  },
  PLATFORM_LEFT_BEHIND: {
    exit: ExitCode.leftBehind,
    message: (arn: string) => `The platform version ${arn} was not removed`,
    hint: (arn: string) => `Remove it once it is not Creating any more: buildimg platform delete ${arn} --force`,
  },
  PLATFORM_DELETE_FAILED: {
    exit: ExitCode.buildFailed,
    message: (label: string, reason: string) => `Failed to delete platform version '${label}': ${reason}`,
  },
  PLATFORM_IN_USE: {
    exit: ExitCode.usage,
    message: (label: string, environments: string) =>
      `Unable to delete platform version (${label}) because it is being used by the following environments:\n ${environments}`,
    hint: 'Please terminate or upgrade these environments before trying to delete this platform.',
  },
  PLATFORM_NOT_CONFIRMED: {
    exit: ExitCode.usage,
    message: (what: string) => `${what} was not confirmed; nothing was deleted`,
    hint: 'Where nobody can be asked, give --force.',
  },
  PLATFORM_LOG_MISSING: {
    exit: ExitCode.missing,
    message: (group: string, stream: string) => `There is no log ${group} ${stream}`,
    hint: 'A version has one as soon as Packer has begun to build it.',
  },
  SOURCE_BUNDLE_UNREADABLE: {
    exit: ExitCode.usage,
    message: (file: string, reason: string) => `The source bundle ${file} cannot be read: ${reason}`,
    hint: 'It is a zip file with the application at its top.',
  },
  ENVIRONMENT_UNKNOWN: {
    exit: ExitCode.missing,
    message: (name: string) => `There is no environment ${name}`,
    hint: 'Deploy one first: buildimg sandbox eb deploy --platform NAME app.zip',
  },
  ENVIRONMENT_PLATFORM_DIFFERS: {
    exit: ExitCode.usage,
    message: (name: string, arn: string) => `Environment ${name} runs on ${arn}`,
    hint: 'Terminate it first, or name another one with --environment.',
  },
  ENVIRONMENT_FAILED: {
    exit: ExitCode.buildFailed,
    message: (name: string, reason: string) => `Environment ${name}: ${reason}`,
    hint: (name: string) =>
      `The environment goes on running as it is. Remove it with: buildimg sandbox eb terminate --environment ${name}`,
  },
} as const;
