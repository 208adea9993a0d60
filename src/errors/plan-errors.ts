// Codes of one part of the house, for the table in ../errors.ts.
import { ExitCode } from '../exit-code.js';

export const planErrors = {
  LOGIN_USER_UNKNOWN: {
    exit: ExitCode.usage,
    message: (image: string) => `Nobody knows which user to log in as on the source image of ${image}`,
    hint: 'Set builder.sshUsername: admin for Debian, ubuntu for Ubuntu, ec2-user for Amazon Linux and RHEL.',
  },
  ARCHITECTURE_NOT_PUBLISHED: {
    exit: ExitCode.usage,
    message: (os: string, architecture: string) => `${os} is not published for ${architecture}`,
  },
  AMI_NAME_INVALID: {
    exit: ExitCode.usage,
    message: (name: string) =>
      `"${name}" is not an AMI name: EC2 takes 3 to 128 of letters, digits and ( ) [ ] . / - ' @ _`,
    hint: 'Shorten or change the name or version of the image.',
  },
  ROOT_DEVICE_UNKNOWN: {
    exit: ExitCode.usage,
    message: (image: string) =>
      `Image ${image} sizes or encrypts its root volume, but the device name of its source is unknown`,
    hint: 'Name the source by os, write builder.rootVolume.deviceName, or let buildimg plan or build look the image up.',
  },
  PACKER_TEMPLATE_IN_TEXT: {
    exit: ExitCode.usage,
    message: (field: string) =>
      `${field} contains "{{", which Packer would run as a template and has no way to escape there`,
    hint: 'Write it without two braces in a row.',
  },
  PAYLOAD_FILE_MISSING: {
    exit: ExitCode.usage,
    message: (path: string) => `${path} does not exist or cannot be read`,
  },
  PAYLOAD_LINK_LEAVES_ROOT: {
    exit: ExitCode.usage,
    message: (path: string, target: string) =>
      `The symbolic link ${path} leads out of the folder of the config, to ${target}`,
    hint: 'Copy what it points to into the folder of the config.',
  },
  PAYLOAD_LINK_LOOPS: {
    exit: ExitCode.usage,
    message: (path: string) => `The symbolic link ${path} leads back to a folder that contains it`,
  },
  PAYLOAD_SPECIAL_FILE: {
    exit: ExitCode.usage,
    message: (path: string) =>
      `${path} is neither a file nor a folder (a socket, pipe or device cannot travel into an image)`,
  },
  PAYLOAD_TOO_MANY_FILES: {
    exit: ExitCode.usage,
    message: (path: string, limit: number) => `${path} brings the files to upload to more than ${limit}`,
    hint: 'Pack them into an archive, or fetch them on the instance with a shell script.',
  },
  PAYLOAD_TOO_LARGE: {
    exit: ExitCode.usage,
    message: (path: string, limitMib: number) => `${path} brings the files to upload to more than ${limitMib} MiB`,
    hint: 'Fetch large files on the instance with a shell script.',
  },
  TEMPLATE_INVALID: {
    exit: ExitCode.usage,
    message: (name: string, reason: string) => `The template ${name} cannot be rendered: ${reason}`,
    hint: 'Only each, if, and the helpers shell, json, yaml, hcl, html, code and env may be used.',
  },
  PLATFORM_MISSING: {
    exit: ExitCode.usage,
    message: (image: string) => `Image ${image} has no platform section to render a platform from`,
    hint: 'Add platform to the image, or name the images that have one.',
  },
  PLATFORM_HOOK_PLACE: {
    exit: ExitCode.usage,
    message: (path: string) => `The hook ${path} is in no folder that Elastic Beanstalk looks into`,
    hint: 'Put it in appdeploy, configdeploy or restartappserver, each with pre, enact or post, or in preinit or postinit.',
  },
  PLATFORM_PACKER_TOO_OLD: {
    exit: ExitCode.usage,
    message: (image: string, what: string) =>
      `Image ${image} needs ${what}, which Packer 1.0.3 of Elastic Beanstalk does not know`,
    hint: 'Leave it out for eb-platform, or render eb-ami, which any Packer builds.',
  },
  RENDER_SECRET: {
    exit: ExitCode.usage,
    message: (image: string, target: string, uses: string) =>
      `Image ${image} uses secrets, and what is rendered for ${target} would hold their values in plain text: ${uses}`,
    hint: 'Have the instance fetch the secret itself, for example from SSM or Secrets Manager, or render packer-json or packer-hcl2.',
  },
  OUTPUT_NOT_OURS: {
    exit: ExitCode.usage,
    message: (folder: string) => `${folder} exists and was not written by buildimg; nothing was changed`,
    hint: 'Choose another --out folder, or remove it first.',
  },
  OUTPUT_PATH_UNSAFE: {
    exit: ExitCode.usage,
    message: (path: string) =>
      `${path} is a symbolic link or leads out of the folder to render into; nothing was written through it`,
  },
};
