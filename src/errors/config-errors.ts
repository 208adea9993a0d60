// What can be wrong with a config; one entry a kind of problem. Part of the table in ../errors.ts, in a file of its own
// because there are many. A problem's path, such as `images.web.builder`, is put before its message by the caller.

import { ExitCode } from '../exit-code.js';

export const configErrors = {
  // config: the file as a whole
  CONFIG_INVALID: {
    exit: ExitCode.usage,
    message: (file: string, count: number) => `${file} has ${count === 1 ? 'one problem' : `${count} problems`}`,
  },
  CONFIG_AMBIGUOUS: {
    exit: ExitCode.usage,
    message: (folder: string, names: string) => `More than one config in ${folder}: ${names}`,
    hint: 'Keep one of them, or name one with --config FILE.',
  },
  CONFIG_FILE_MISSING: { exit: ExitCode.usage, message: (file: string) => `The config ${file} does not exist` },
  CONFIG_UNREADABLE: {
    exit: ExitCode.usage,
    message: (file: string, why: string) => `The config ${file} cannot be read: ${why}`,
  },
  CONFIG_TOO_LARGE: {
    exit: ExitCode.usage,
    message: (file: string, sizeKib: number) => `The config ${file} has ${sizeKib} KiB; the limit is 1024 KiB`,
    hint: 'Split it into several configs, or let a script write each of them.',
  },
  // config: the text
  CONFIG_BINARY: { exit: ExitCode.usage, message: (character: string) => `Not a text file: it contains ${character}` },
  CONFIG_ENCODING: {
    exit: ExitCode.usage,
    message: (byte: string) => `Not UTF-8: byte ${byte} does not belong here`,
    hint: 'Save the file as UTF-8.',
  },
  CONFIG_EMPTY: { exit: ExitCode.usage, message: () => 'The config is empty', hint: 'Run buildimg init to write one.' },
  CONFIG_SYNTAX: { exit: ExitCode.usage, message: (what: string) => what },
  CONFIG_DUPLICATE_KEY: {
    exit: ExitCode.usage,
    message: (key: string) => `The key ${key} stands here twice`,
    hint: 'remove one of them',
  },
  CONFIG_KEY_TYPE: { exit: ExitCode.usage, message: () => 'A key has to be a name', hint: 'write it in quotes' },
  CONFIG_KEY_RESERVED: { exit: ExitCode.usage, message: (key: string) => `The key ${key} is not allowed` },
  CONFIG_TOO_DEEP: {
    exit: ExitCode.usage,
    message: (limit: number) => `Nested more than ${limit} levels deep`,
  },
  CONFIG_TOO_MANY_VALUES: {
    exit: ExitCode.usage,
    message: (limit: number) => `More than ${limit} values once aliases are written out`,
  },
  CONFIG_ALIAS: { exit: ExitCode.usage, message: (what: string) => what },
  CONFIG_TAG: {
    exit: ExitCode.usage,
    message: (tag: string) => `The YAML tag ${tag} is not known`,
    hint: 'remove it; a config has plain values only',
  },
  CONFIG_CONTROL_CHARACTER: {
    exit: ExitCode.usage,
    message: (character: string) => `Contains the control character ${character}`,
  },
  CONFIG_SCRIPT_FAILED: {
    exit: ExitCode.usage,
    message: (why: string) => `The config failed while it ran: ${why}`,
  },
  CONFIG_SCRIPT_REFUSED: {
    exit: ExitCode.usage,
    message: (file: string) => `${file} is a program, and --no-scripts lets none run`,
    hint: 'Read it, then leave the option out (or unset BUILDIMG_NO_SCRIPTS); or write the config in YAML.',
  },
  CONFIG_NOT_DATA: {
    exit: ExitCode.usage,
    message: (kind: string) => `A config is plain data, this is ${kind}`,
    hint: 'write export default defineConfig({ … })',
  },
  // config: references
  CONFIG_REFERENCE: {
    exit: ExitCode.usage,
    message: (text: string) => `${text} is not a reference`,
    hint: 'write ${env:NAME}, ${env:NAME:-default} or ${var:NAME}; $${ stands for ${ itself',
  },
  CONFIG_ENVIRONMENT_MISSING: {
    exit: ExitCode.usage,
    message: (name: string) => `The environment variable ${name} is not set`,
    hint: (name: string) => `set it, or write \${env:${name}:-default}`,
  },
  CONFIG_VARIABLE_UNKNOWN: {
    exit: ExitCode.usage,
    message: (name: string, _near?: string) => `The variable "${name}" is not declared under variables`,
    hint: (_name: string, near?: string) => near && `did you mean "${near}"?`,
  },
  CONFIG_VARIABLE_MISSING: {
    exit: ExitCode.usage,
    message: (name: string) => `The variable "${name}" has no value`,
    hint: (name: string) => `pass --var ${name}=VALUE, or give it a default`,
  },
  CONFIG_VARIABLE_NOT_DECLARED: {
    exit: ExitCode.usage,
    message: (name: string, _near?: string) => `--var ${name} sets a variable that is not declared under variables`,
    hint: (_name: string, near?: string) => near && `did you mean "${near}"?`,
  },
  // config: the schema
  CONFIG_UNKNOWN_KEY: {
    exit: ExitCode.usage,
    message: (key: string, _near: string | undefined, _known: string) => `Unknown key ${key}`,
    hint: (_key: string, near: string | undefined, known: string) =>
      near ? `did you mean "${near}"?` : known && `known here: ${known}`,
  },
  CONFIG_REQUIRED: { exit: ExitCode.usage, message: (key: string) => `The key "${key}" is missing` },
  CONFIG_TYPE: {
    exit: ExitCode.usage,
    message: (expected: string, actual: string, _hint?: string) => `Has to be ${expected}, is ${actual}`,
    hint: (_expected: string, _actual: string, hint?: string) => hint,
  },
  CONFIG_ENUM: {
    exit: ExitCode.usage,
    message: (value: string, allowed: string, _near?: string) => `${value} is not one of ${allowed}`,
    hint: (_value: string, _allowed: string, near?: string) => near && `did you mean "${near}"?`,
  },
  CONFIG_PATTERN: {
    exit: ExitCode.usage,
    message: (value: string, _rule: string) => `${value} is not valid here`,
    hint: (_value: string, rule: string) => rule,
  },
  CONFIG_KEY_NAME: {
    exit: ExitCode.usage,
    message: (key: string, _rule: string) => `The name ${key} is not valid here`,
    hint: (_key: string, rule: string) => rule,
  },
  CONFIG_RANGE: { exit: ExitCode.usage, message: (value: string, rule: string) => `${value} is out of range: ${rule}` },
  CONFIG_LENGTH: { exit: ExitCode.usage, message: (rule: string) => rule },
  // config: what belongs together
  CONFIG_SOURCE_KIND: {
    exit: ExitCode.usage,
    message: (given: string, _near?: string) =>
      `A source is named by one of os, ssmParameter, filter, platformBranch, ami; this has ${given}`,
    hint: (_given: string, near?: string) => near && `did you mean "${near}"?`,
  },
  CONFIG_OWNERS_MISSING: {
    exit: ExitCode.usage,
    message: (kind: string) => `A source by ${kind} needs owners`,
    hint: 'name the accounts that you trust: anybody can publish an image of any name',
  },
  CONFIG_OWNER_REFUSED: {
    exit: ExitCode.usage,
    message: () => 'The owner "aws-marketplace" is every seller at once',
    hint: 'name the account of one publisher; AMIs with Marketplace product codes cannot be published again',
  },
  CONFIG_FILTER_UNKNOWN: {
    exit: ExitCode.usage,
    message: (name: string, _near?: string) => `DescribeImages has no filter ${name}`,
    hint: (_name: string, near?: string) => near && `did you mean "${near}"?`,
  },
  CONFIG_PROVISIONER_SHAPE: {
    exit: ExitCode.usage,
    message: (given: string) => `A provisioner is a name, or one name with its options; this is ${given}`,
  },
  CONFIG_PROVISIONER_UNKNOWN: {
    exit: ExitCode.usage,
    message: (name: string, _near: string | undefined, _known: string) => `There is no provisioner ${name}`,
    hint: (_name: string, near: string | undefined, known: string) =>
      near ? `did you mean "${near}"?` : `known: ${known}`,
  },
  CONFIG_PROVISIONER_NOT_LAST: {
    exit: ExitCode.usage,
    message: (name: string) => `"${name}" has to be the last provisioner`,
    hint: 'move it to the end, or leave it out: it is added by itself',
  },
  CONFIG_PROVISIONER_TWICE: { exit: ExitCode.usage, message: (name: string) => `"${name}" may stand here only once` },
  CONFIG_SHELL_SOURCE: {
    exit: ExitCode.usage,
    message: (given: string) => `"shell" needs either script or inline; this has ${given}`,
  },
  CONFIG_SCRIPT_SYNTAX: { exit: ExitCode.usage, message: (what: string) => `A shell stops here: ${what}` },
  CONFIG_SCRIPT_BASH: {
    exit: ExitCode.usage,
    message: (what: string) => `Only bash understands this, and the script is run by another shell: ${what}`,
    hint: 'start the script with #!/usr/bin/env bash',
  },
  CONFIG_MATRIX_NAME: {
    exit: ExitCode.usage,
    message: (name: string, entry: string, other: string) =>
      `The image ${name} would be made of ${entry} and of ${other}`,
    hint: 'give one of them another name',
  },
  CONFIG_ARCHITECTURE: { exit: ExitCode.usage, message: (what: string) => what },
  CONFIG_LOGIN_USER_UNKNOWN: {
    exit: ExitCode.usage,
    message: () => 'The login user of this source image is not known',
    hint: 'set builder.sshUsername, for example admin, ubuntu or ec2-user',
  },
  CONFIG_VPC_WITHOUT_SUBNET: {
    exit: ExitCode.usage,
    message: () => 'vpcId needs subnetId: an instance starts in a subnet',
  },
  CONFIG_CIDRS_UNUSED: {
    exit: ExitCode.usage,
    message: () => 'sshSourceCidrs has no effect together with securityGroupIds',
    hint: 'your own groups decide who may connect; remove one of the two',
  },
  CONFIG_BUILDER_KEY: {
    exit: ExitCode.usage,
    message: (key: string, owner: string, actual: string) =>
      `${key} is a setting of the builder ${owner}; this image is built by ${actual}`,
    hint: (_key: string, owner: string) => `remove it, or set type: ${owner}`,
  },
  CONFIG_BUILDER_UNUSED: {
    exit: ExitCode.usage,
    message: (key: string, other: string) => `${key} has no effect together with ${other}`,
    hint: 'remove one of the two',
  },
  CONFIG_SECRET_PLACE: {
    exit: ExitCode.usage,
    message: (name: string) => `The secret ${name} would be written down here, where others read it`,
    hint: 'give it to a step by shell.environment, or declare the variable with secret: false if it is none',
  },
  CONFIG_SECRET_LITERAL: {
    exit: ExitCode.usage,
    message: (what: string, check: string) => `Here is ${what} (${check}), for everybody who reads the config`,
    hint: 'declare a variable with secret: true, write ${var:NAME} here, and replace the secret where it is trusted',
  },
  CONFIG_SECRET_IN_HISTORY: {
    exit: ExitCode.usage,
    message: (value: string) => `${value} holds a secret, and SSM keeps what is sent by Run Command for 30 days`,
    hint: 'set builder.communicator: ssh, or have the instance fetch the secret itself',
  },
  CONFIG_PROFILE_MISSING: {
    exit: ExitCode.usage,
    message: () => 'builder ec2 needs iamInstanceProfile: without one, the SSM agent on the instance may not register',
    hint: 'name a profile whose role has the policy AmazonSSMManagedInstanceCore, or set communicator: ssh',
  },
  CONFIG_VOLUME_SIZE: {
    exit: ExitCode.usage,
    message: (type: string, limitGib: number) => `A ${type} volume has at most ${limitGib} GiB`,
  },
  CONFIG_TAG_RESERVED: {
    exit: ExitCode.usage,
    message: (key: string, prefix: string) => `The tag ${key} starts with "${prefix}", which is reserved`,
  },
  CONFIG_TEXT_TEMPLATE: {
    exit: ExitCode.usage,
    message: () => 'Packer would run the "{{" in this text as a template, and has no way to write it as text',
    hint: 'Leave out the double braces.',
  },
  CONFIG_CHECK_UNKNOWN: {
    exit: ExitCode.usage,
    message: (check: string, _near?: string) => `There is no check ${check}`,
    hint: (_check: string, near?: string) => (near ? `did you mean "${near}"?` : 'docs/checks.md lists them'),
  },
  CONFIG_GLOB: {
    exit: ExitCode.usage,
    message: (value: string, problem: string) => `${value} is no pattern that can be used: ${problem}`,
    hint: '* and ? match inside a name, ** over folders, [a-z] one character, {a,b} either',
  },
  CONFIG_DAY: {
    exit: ExitCode.usage,
    message: (value: string) => `${value} is not a day`,
    hint: 'a day is written like 2027-01-31',
  },
  CONFIG_PLATFORM_COMMAND_OPTION: {
    exit: ExitCode.usage,
    message: (option: string, _namespace: string) => `The platform defines no option ${option} for its command`,
    hint: (option: string, namespace: string) =>
      `add { namespace: ${namespace}, optionName: ${option} } to optionDefinitions`,
  },
  CONFIG_PLATFORM_RUNTIME: {
    exit: ExitCode.usage,
    message: (flavor: string) => `A runtime needs systemd, which systems of the flavor ${flavor} do not have`,
    hint: 'leave the flavor out, or write hooks of your own instead of runtime',
  },
  CONFIG_PUBLISH: {
    exit: ExitCode.usage,
    message: (what: string, _hint?: string) => what,
    hint: (_what: string, hint?: string) => hint,
  },
  CONFIG_BEANSTALK: { exit: ExitCode.usage, message: (what: string) => what },
  CONFIG_PLATFORM_OPTION_TWICE: {
    exit: ExitCode.usage,
    message: (option: string) => `The option ${option} stands here twice`,
  },
  CONFIG_DESTINATION: { exit: ExitCode.usage, message: (what: string) => what },
  CONFIG_PATH_MISSING: {
    exit: ExitCode.usage,
    message: (path: string, _near?: string) => `${path} does not exist`,
    hint: (_path: string, near?: string) => near && `did you mean "${near}"?`,
  },
  CONFIG_PATH_OUTSIDE: {
    exit: ExitCode.usage,
    message: (path: string, how: string) => `${path} ${how} the folder of the config`,
    hint: 'what goes into an image stands beside its config, so that a rendered folder is complete',
  },
  CONFIG_PATH_KIND: {
    exit: ExitCode.usage,
    message: (path: string, what: string) => `${path} is ${what}`,
  },
} as const;
