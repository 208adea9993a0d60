// What can go wrong with packer, AWS and a build; part of the table in ../errors.ts, in a file of its own because there
// are many.

import { ExitCode } from '../exit-code.js';

export const buildErrors = {
  // packer/
  PACKER_MISSING: {
    exit: ExitCode.missing,
    message: (searched: string) => `No packer program found (looked in ${searched})`,
    hint: 'On Debian or Ubuntu: apt-get install packer. Elsewhere: https://developer.hashicorp.com/packer/install. Or name one with --packer PATH.',
  },
  PACKER_NOT_HASHICORP: {
    exit: ExitCode.missing,
    message: (path: string) => `${path} is not HashiCorp Packer (cracklib installs another program of that name)`,
    hint: 'Install HashiCorp Packer, put its folder first in PATH, or name it with --packer PATH.',
  },
  PACKER_TOO_OLD: {
    exit: ExitCode.missing,
    message: (version: string, path: string) =>
      `Packer ${version} (${path}) is too old: 1.6.0 is the oldest that works`,
    hint: 'On Debian 12 or Ubuntu 22.04: apt-get install packer. Elsewhere: https://developer.hashicorp.com/packer/install',
  },
  PACKER_PLUGIN_MISSING: {
    exit: ExitCode.missing,
    message: (version: string) => `Packer ${version} has no amazon plugin, and since 1.10 none is built in`,
    hint: 'Run: packer plugins install github.com/hashicorp/amazon',
  },
  PACKER_REFUSED_TEMPLATE: {
    exit: ExitCode.usage,
    message: (image: string, reason: string) => `packer validate refuses the template of image ${image}:\n${reason}`,
    hint: 'The values come from the config. `buildimg render` writes the template to look at.',
  },
  PACKER_BUILD_FAILED: {
    exit: ExitCode.buildFailed,
    message: (image: string, step: string, reason: string, logFile: string) =>
      `Building image ${image} failed in step "${step}":\n${reason}\nAll of Packer's output: ${logFile}`,
  },

  // aws/
  AWS_CREDENTIALS_MISSING: {
    exit: ExitCode.missing,
    message: (action: string) => `No AWS credentials found for ${action}`,
    hint: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; or rehearse without an account: --sandbox.',
  },
  AWS_CREDENTIALS_EXPIRED: {
    exit: ExitCode.missing,
    message: (action: string) => `The AWS credentials have expired (${action})`,
    hint: 'Sign in again, for example with: aws sso login',
  },
  AWS_AUTH_FAILURE: {
    exit: ExitCode.missing,
    message: (action: string) => `AWS does not know these credentials (${action})`,
    hint: 'Check the access key and that it belongs to the account you mean: aws sts get-caller-identity',
  },
  AWS_NOT_AUTHORIZED: {
    exit: ExitCode.missing,
    message: (action: string, detail: string) => `These credentials may not call ${action}: ${detail}`,
    hint: (action: string) => `Allow ${action} in the IAM policy of the caller.`,
  },
  AWS_UNREACHABLE: {
    exit: ExitCode.missing,
    message: (action: string, detail: string) => `AWS cannot be reached for ${action}: ${detail}`,
    hint: 'Check the region, the network and AWS_ENDPOINT_URL.',
  },
  AWS_THROTTLED: {
    exit: ExitCode.buildFailed,
    message: (action: string, region: string, minutes: number) =>
      `AWS refused ${action} in ${region} for ${minutes} minutes, because this account makes too many calls`,
    hint: 'Build fewer images side by side (--parallel), find what else calls in this account, or ask AWS for a higher limit.',
  },
  AWS_REQUEST_FAILED: {
    exit: ExitCode.buildFailed,
    message: (action: string, code: string, detail: string) => `${action} failed with ${code}: ${detail}`,
  },
  AWS_REGION_MISSING: {
    exit: ExitCode.usage,
    message: () => 'No AWS region is set',
    hint: 'Name one: --region, AWS_REGION, or region in the AWS profile.',
  },
  SNAPSHOT_NOT_FOUND: {
    exit: ExitCode.missing,
    message: (snapshotId: string) => `There is no snapshot ${snapshotId} in this region that this account may see`,
    hint: 'Check the region; a snapshot that was just made may take two minutes to show.',
  },
  SNAPSHOT_NOT_READABLE: {
    exit: ExitCode.missing,
    message: (snapshotId: string, detail: string) => `The blocks of ${snapshotId} may not be read: ${detail}`,
    hint: 'The snapshot must be of this account or shared with it (createVolumePermission), and the caller allowed ebs:ListSnapshotBlocks and ebs:GetSnapshotBlock. Sharing an AMI does not share its snapshot: copy the AMI first, or scan ssh://user@host.',
  },
  SNAPSHOT_KEY_FORBIDDEN: {
    exit: ExitCode.missing,
    message: (snapshotId: string, detail: string) =>
      `${snapshotId} is encrypted with a key that these credentials may not use: ${detail}`,
    hint: 'Allow kms:Decrypt on that key to the caller; a snapshot under the default aws/ebs key can be read by its own account only.',
  },
  SNAPSHOT_BLOCK_DAMAGED: {
    exit: ExitCode.missing,
    message: (snapshotId: string, index: number) =>
      `Block ${index} of ${snapshotId} came damaged or cut short, three times`,
    hint: 'Try again; if it stays, look at the network between here and AWS.',
  },
  SOURCE_PARAMETER_NOT_FOUND: {
    exit: ExitCode.missing,
    message: (parameter: string, region: string) => `SSM parameter ${parameter} does not exist in ${region}`,
    hint: 'Check the name and that the parameter exists in the region of the build.',
  },
  SOURCE_IMAGE_NOT_FOUND: {
    exit: ExitCode.missing,
    message: (wanted: string, region: string) => `No source image ${wanted} in ${region}`,
    hint: 'Check owners and that the filter runs in the build region.',
  },
  SOURCE_IMAGE_WRONG_OWNER: {
    exit: ExitCode.missing,
    message: (id: string, owner: string, expected: string) =>
      `Source image ${id} belongs to account ${owner}, not to ${expected}`,
    hint: 'An image of a stranger may carry the same name (the whoAMI attack). Check the source and its owners.',
  },
  WAIT_TIMED_OUT: {
    exit: ExitCode.buildFailed,
    message: (what: string, seconds: number) => `Waited ${seconds} s for ${what}, in vain`,
  },

  EC2_NO_CAPACITY: {
    exit: ExitCode.buildFailed,
    message: (tried: string) => `EC2 has no capacity for the build instance: ${tried}`,
    hint: 'Name more types or zones: builder.fallbackInstanceTypes, builder.subnetIds.',
  },
  EC2_INSTANCE_LOST: {
    exit: ExitCode.buildFailed,
    message: (id: string, state: string, reason: string) => `Build instance ${id} is ${state}: ${reason}`,
  },
  EC2_AGENT_SILENT: {
    exit: ExitCode.buildFailed,
    message: (id: string, seconds: number, console: string) =>
      `The SSM agent of ${id} did not come online in ${seconds} s. Last lines of its console:\n${console}`,
    hint: 'The image needs amazon-ssm-agent, its profile AmazonSSMManagedInstanceCore, its subnet a way to the SSM endpoints.',
  },
  EC2_PROFILE_MISSING: {
    exit: ExitCode.usage,
    message: (image: string) => `Image ${image} has no builder.iamInstanceProfile, which the builder ec2 needs`,
    hint: 'Name a profile whose role has the policy AmazonSSMManagedInstanceCore.',
  },
  EC2_PAYLOAD_TOO_LARGE: {
    exit: ExitCode.usage,
    message: (image: string, kib: number, limitKib: number) =>
      `The files of image ${image} are ${kib} KiB compressed; without a bucket SSM carries ${limitKib} KiB`,
    hint: 'Name a bucket of the same region in builder.filesBucket, or set builder.communicator: ssh.',
  },
  BUCKET_MISSING: {
    exit: ExitCode.missing,
    message: (bucket: string, region: string) => `There is no bucket ${bucket} for the files of a build in ${region}`,
    hint: 'Make it (aws s3 mb s3://NAME --region REGION), or name another one in builder.filesBucket.',
  },
  EC2_SECRETS: {
    exit: ExitCode.usage,
    message: (image: string) =>
      `Steps of image ${image} hold secrets, and what is sent by SSM Run Command stays in its history for 30 days`,
    hint: 'Set builder.communicator: ssh, or have the instance fetch the secret itself.',
  },
  EC2_COMMAND_FAILED: {
    exit: ExitCode.buildFailed,
    message: (what: string, status: string, detail: string) =>
      `Could not ${what} on the build instance: ${status}. ${detail}`,
  },
  EC2_DOWNLOAD_TOO_LARGE: {
    exit: ExitCode.buildFailed,
    message: (path: string, kib: number, limitKib: number) =>
      `${path} on the build instance has ${kib} KiB; without a bucket SSM carries ${limitKib} KiB`,
    hint: 'Name a bucket of the same region in builder.filesBucket, or set builder.communicator: ssh.',
  },
  EC2_DOWNLOAD_DAMAGED: {
    exit: ExitCode.buildFailed,
    message: (path: string) => `${path} of the build instance did not arrive as it was sent`,
  },
  EC2_HOST_KEYS_UNSEEN: {
    exit: ExitCode.buildFailed,
    message: (id: string, seconds: number, console: string) =>
      `${id} showed no SSH host keys on its console in ${seconds} s. Last lines of it:\n${console}`,
    hint: 'The image needs cloud-init, and builder.sshTimeoutMinutes has to be enough for its first boot.',
  },
  EC2_SSH_FAILED: {
    exit: ExitCode.buildFailed,
    message: (reason: string) => `SSH to the build instance failed: ${reason}`,
    hint: 'Check builder.sshPort, builder.sshUsername, and that the subnet is reached from here.',
  },
  EC2_SSH_MISSING: {
    exit: ExitCode.missing,
    message: (program: string) => `There is no ${program} on this machine`,
    hint: 'Install OpenSSH (apt-get install openssh-client), or build with builder.communicator: ssm.',
  },
  EC2_STEP_FAILED: {
    exit: ExitCode.buildFailed,
    message: (image: string, step: string, code: number, output: string, logFile: string) =>
      `Building image ${image} failed in step "${step}" with exit code ${code}:\n${output}\nAll output: ${logFile}`,
  },
  EC2_REBOOTS_FOREVER: {
    exit: ExitCode.buildFailed,
    message: (step: string, times: number) => `Step "${step}" asked for a reboot ${times} times (exit code 194)`,
  },

  // build/
  BUILD_STOPPED: {
    exit: ExitCode.buildFailed,
    message: (image: string) =>
      `Stopped because image ${image} failed (--fail-fast); what was created has been removed`,
  },
  IMAGE_UNKNOWN: {
    exit: ExitCode.usage,
    message: (name: string, known: string) => `The config has no image "${name}" (it has: ${known})`,
    hint: 'Name one of these, or none to take all.',
  },
  IMAGE_NAME_TAKEN: {
    exit: ExitCode.buildFailed,
    message: (name: string, id: string, state: string) => `The image ${name} exists already (${id}) but is ${state}`,
    hint: 'Another build may be making it: wait for that. If none is, deregister it, or build beside it with --force.',
  },
  IMAGE_NOT_VERIFIED: {
    exit: ExitCode.buildFailed,
    message: (name: string, problem: string) => `The build reported success but image ${name} ${problem}`,
    hint: 'Look at the log of the run; the image was removed if it was there.',
  },
  OWN_ADDRESS_UNKNOWN: {
    exit: ExitCode.missing,
    message: (reason: string) => `The public address of this machine could not be found out: ${reason}`,
    hint: 'Set builder.sshSourceCidrs in the config to the addresses that may reach the build instance.',
  },
  // cli/
  INSTANCE_GONE: {
    exit: ExitCode.missing,
    message: (id: string, reason: string) => `Instance ${id} is not running any more: ${reason}`,
    hint: 'Start another with buildimg sandbox launch AMI.',
  },
  INSTANCE_NOT_UP: {
    exit: ExitCode.buildFailed,
    message: (id: string, seconds: number, console: string) =>
      `${id} did not come up in ${seconds} s. Last lines of its console:\n${console}`,
    hint: 'It is still there: buildimg sandbox ssh waits for it again, buildimg sandbox down ends it.',
  },
  SANDBOX_SYSTEM_UNSUPPORTED: {
    exit: ExitCode.missing,
    message: (os: string) => `The sandbox cannot make a base image of ${os}`,
    hint: "Take the vendor's: buildimg sandbox image import FILE --os OS --checksum sha256:HEX",
  },
  INIT_FILE_EXISTS: {
    exit: ExitCode.usage,
    message: (file: string) => `${file} exists already; nothing was written`,
    hint: 'Choose another folder, or remove the file first.',
  },
  CONFIG_NOT_FOUND: {
    exit: ExitCode.usage,
    message: (folder: string) => `No buildimg.yaml, .json or .ts in ${folder}`,
    hint: 'Start with buildimg init, or name the file with --config FILE.',
  },
} as const;
