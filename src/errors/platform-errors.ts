// Codes of one part of the house, for the table in ../errors.ts: what is wrong with a platform definition archive.
import { ExitCode } from '../exit-code.js';

export const platformErrors = {
  // platform: the archive
  ARCHIVE_MISSING: {
    exit: ExitCode.usage,
    message: (path: string) => `There is neither a folder nor a zip file ${path}`,
  },
  ARCHIVE_NOT_ZIP: {
    exit: ExitCode.usage,
    message: (path: string, why: string) => `${path} is not a zip file: ${why}`,
    hint: 'Elastic Beanstalk takes zip files only.',
  },
  ARCHIVE_DAMAGED: {
    exit: ExitCode.usage,
    message: (path: string, why: string) => `The entry ${path} cannot be unpacked: ${why}`,
    hint: 'Make the archive again.',
  },
  ARCHIVE_TOO_LARGE: {
    exit: ExitCode.usage,
    message: (sizeMib: number, limitMib: number) =>
      `The archive has ${sizeMib} MiB; Elastic Beanstalk takes ${limitMib}`,
    hint: 'Fetch large files on the build instance instead.',
  },
  ARCHIVE_TOO_MANY_ENTRIES: {
    exit: ExitCode.usage,
    message: (limit: number) => `The archive has more than ${limit} entries`,
  },
  ARCHIVE_BOMB: {
    exit: ExitCode.usage,
    message: (why: string) => `The archive is a zip bomb: ${why}`,
    hint: 'Do not unpack it.',
  },
  ARCHIVE_PATH_ESCAPES: {
    exit: ExitCode.usage,
    message: (path: string) => `The entry ${path} would be unpacked outside of the archive's folder`,
    hint: 'Do not unpack it; paths are relative, without "..", drive letters and backslashes.',
  },
  ARCHIVE_LINK_ESCAPES: {
    exit: ExitCode.usage,
    message: (path: string, target: string) => `The symbolic link ${path} leads out of the archive, to ${target}`,
    hint: 'Put the file itself into the archive.',
  },
  ARCHIVE_LINK: {
    exit: ExitCode.usage,
    message: (path: string, target: string) =>
      `${path} is a symbolic link to ${target}; Packer uploads what it points to`,
    hint: 'Put the file itself into the archive.',
  },
  ARCHIVE_SPECIAL_FILE: {
    exit: ExitCode.usage,
    message: (path: string) => `${path} is neither a file, a folder nor a link`,
  },
  ARCHIVE_DUPLICATE_ENTRY: {
    exit: ExitCode.usage,
    message: (path: string) =>
      `The entry ${path} stands in the archive twice; which one counts is up to whoever unpacks it`,
  },
  ARCHIVE_ENCRYPTED: { exit: ExitCode.usage, message: (path: string) => `The entry ${path} is encrypted` },
  // platform: platform.yaml
  PLATFORM_YAML_MISSING: {
    exit: ExitCode.usage,
    message: (_nested?: string) => 'There is no platform.yaml at the top of the archive',
    hint: (nested?: string) => nested && `${nested} is one: pack what is in its folder, not the folder`,
  },
  PLATFORM_FILE_IS_FOLDER: { exit: ExitCode.usage, message: (path: string) => `${path} is a folder, not a file` },
  PLATFORM_FILE_TOO_LARGE: {
    exit: ExitCode.usage,
    message: (path: string, limitKib: number) => `${path} is larger than ${limitKib} KiB`,
  },
  PLATFORM_YAML_SYNTAX: { exit: ExitCode.usage, message: (what: string) => what },
  PLATFORM_YAML_KEY: {
    exit: ExitCode.usage,
    message: (key: string, _near?: string) => `platform.yaml has no key ${key}`,
    hint: (_key: string, near?: string) => near && `did you mean "${near}"?`,
  },
  PLATFORM_YAML_VALUE: {
    exit: ExitCode.usage,
    message: (key: string, what: string) => `${key} ${what}`,
  },
  PLATFORM_YAML_UNQUOTED: {
    exit: ExitCode.usage,
    message: (key: string, written: string, read: string) => `${key}: ${written} is the number ${read} to YAML`,
    hint: (_key: string, written: string) => `write "${written}"`,
  },
  PLATFORM_YAML_NULL: {
    exit: ExitCode.usage,
    message: (key: string) => `${key} has no value`,
    hint: '`ebp create` crashes on it: leave the key out, or give it a list',
  },
  PLATFORM_FLAVOR: {
    exit: ExitCode.usage,
    message: (flavor: string) => `There never was a flavor ${flavor}: amazon, ubuntu1604, rhel7 and rhel6 are all`,
    hint: 'Custom platforms ended before Amazon Linux 2; use a custom AMI (render --target eb-ami).',
  },
  PLATFORM_FLAVOR_MISMATCH: {
    exit: ExitCode.usage,
    message: (flavor: string, what: string) => `The flavor is ${flavor}, but ${what}`,
    hint: 'flavor says which system Elastic Beanstalk prepares; both have to agree.',
  },
  PLATFORM_OPTION_TWICE: {
    exit: ExitCode.usage,
    message: (option: string) => `The option ${option} stands here twice`,
  },
  // platform: the Packer template
  PLATFORM_TEMPLATE_MISSING: {
    exit: ExitCode.usage,
    message: (template: string, _near?: string) => `The template ${template} is not in the archive`,
    hint: (_template: string, near?: string) => near && `did you mean ${near}?`,
  },
  PLATFORM_TEMPLATE_SYNTAX: { exit: ExitCode.usage, message: (what: string) => what },
  PLATFORM_TEMPLATE_KEY: {
    exit: ExitCode.usage,
    message: (key: string, where: string, _near?: string) => `Packer 1.0.3 knows no ${key} in ${where}`,
    hint: (_key: string, _where: string, near?: string) => near && `did you mean "${near}"?`,
  },
  PLATFORM_TEMPLATE_BUILDER: { exit: ExitCode.usage, message: (what: string) => what },
  PLATFORM_LOCAL_COMMAND: {
    exit: ExitCode.usage,
    message: (what: string) =>
      `${what} runs or writes on the machine that runs packer: a builder of Elastic Beanstalk, or yours in the sandbox`,
    hint: 'the sandbox refuses it unless you say --allow-local-commands; read what it does first',
  },
  PLATFORM_LOCAL_PATH: {
    exit: ExitCode.usage,
    message: (path: string) => `The path ${path} leads out of the archive, or nobody can tell where it leads`,
    hint: 'name a file of the archive; the sandbox reads and writes no other',
  },
  PLATFORM_LOCAL_REFUSED: {
    exit: ExitCode.usage,
    message: (folder: string, findings: string) =>
      `The template in ${folder} would reach beyond the instance, onto this machine:\n${findings}`,
    hint: 'Nothing was run. Read what it does; --allow-local-commands lets its commands run as you, paths out of the archive stay refused.',
  },
  PLATFORM_TEMPLATE_FILE: {
    exit: ExitCode.usage,
    message: (path: string) => `The template names ${path}, which is not in the archive`,
  },
  PLATFORM_REGION: {
    exit: ExitCode.usage,
    message: (what: string) => what,
    hint: 'Elastic Beanstalk refuses it: "Unmatched region for created AMI".',
  },
  PLATFORM_INSTANCE_PROFILE: {
    exit: ExitCode.usage,
    message: (profile: string) => `The instance profile ${profile} is the one of environments, with which Packer fails`,
    hint: 'Use aws-elasticbeanstalk-custom-platform-ec2-role, or one of your own with the same policies.',
  },
  PLATFORM_PERMISSION: {
    exit: ExitCode.usage,
    message: (key: string, permission: string) =>
      `${key} needs ${permission}, which AWSElasticBeanstalkCustomPlatformforEC2Role does not give`,
    hint: 'Add a policy to the instance profile, or leave the key out.',
  },
  // platform: scripts
  PLATFORM_SCRIPT_CRLF: {
    exit: ExitCode.usage,
    message: (path: string) => `${path} has Windows line ends: the interpreter's name would end in a carriage return`,
    hint: 'Save it with LF line ends; in git, `*.sh text eol=lf` in .gitattributes keeps it so.',
  },
  PLATFORM_SCRIPT_SHEBANG: {
    exit: ExitCode.usage,
    message: (path: string, found: string) => `${path} does not begin with "#!" but with ${found}`,
    hint: 'The first line of a hook names its interpreter; comments stand below it.',
  },
  // platform: images of managed platforms
  PLATFORM_BRANCH_NOT_FOUND: {
    exit: ExitCode.missing,
    message: (branch: string, region: string) =>
      `Elastic Beanstalk recommends no version of the platform "${branch}" in ${region}`,
    hint: 'List the names with `aws elasticbeanstalk list-platform-branches`; retired branches have no recommended version.',
  },
  PLATFORM_IMAGE_NOT_FOUND: {
    exit: ExitCode.missing,
    message: (arn: string, architecture: string) => `${arn} has no image for ${architecture}`,
    hint: 'Choose the other architecture, or another platform branch.',
  },
  PLATFORM_LOCKED_IMAGE_GONE: {
    exit: ExitCode.missing,
    message: (id: string, arn: string, region: string) =>
      `buildimg.lock.json pins the image ${id} of ${arn}, which is not there any more in ${region}`,
    hint: 'AWS withdraws the images of old platform versions. Take the recommended one: buildimg build --update-lock, or buildimg platform outdated --write.',
  },
  PLATFORM_LOCK_INVALID: {
    exit: ExitCode.usage,
    message: (path: string, why: string) => `The lock file ${path} cannot be read: ${why}`,
    hint: 'Remove it, and write it again with buildimg platform outdated --write.',
  },
  PLATFORM_BRANCH_MISSING: {
    exit: ExitCode.usage,
    message: (images: string) => `No image of ${images} starts from an Elastic Beanstalk platform`,
    hint: 'Write source: { platformBranch: … }.',
  },
  BEANSTALK_MISSING: {
    exit: ExitCode.usage,
    message: (image: string) => `Image ${image} has no beanstalk section to render an environment's files from`,
    hint: 'Add beanstalk to the image, or name the images that have one.',
  },
  BEANSTALK_HOOK_PLACE: {
    exit: ExitCode.usage,
    message: (path: string) => `${path} is in no folder that Elastic Beanstalk looks into`,
    hint: 'Put it in .platform/hooks or .platform/confighooks, each with prebuild, predeploy or postdeploy, or in .platform/nginx.',
  },
  // platform: import
  IMPORT_SYNTAX: { exit: ExitCode.usage, message: (path: string, what: string) => `${path}: ${what}` },
  IMPORT_NO_TEMPLATE: {
    exit: ExitCode.usage,
    message: (path: string) => `${path} holds neither a platform.yaml nor a Packer template (.json, .pkr.hcl)`,
    hint: 'Name the template itself.',
  },
  IMPORT_FOLDER_TOO_LARGE: {
    exit: ExitCode.usage,
    message: (folder: string, limit: number) => `${folder} holds more than ${limit} files`,
    hint: 'Put the template with the files that it names into a folder of its own.',
  },
  IMPORT_NO_BUILDER: {
    exit: ExitCode.usage,
    message: (path: string) => `${path} has no builder of type amazon-ebs`,
  },
  PLATFORM_CONFIG_YML: { exit: ExitCode.usage, message: (what: string) => what },
  PLATFORM_RETIRED: {
    exit: ExitCode.usage,
    message: () => 'AWS retired custom platforms on 18 July 2022',
    hint: 'The way that AWS supports is a custom AMI: render --target eb-ami.',
  },
};
