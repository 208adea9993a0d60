import { type Command, InvalidArgumentError, Option } from 'commander';
import { command, type RunCommand } from './define-command.js';
import { parseAccount, parseOrganization, parseRegion, repeatable } from './option-values.js';
import { addSandboxBeanstalkCommands } from './sandbox-eb-program.js';

/** `buildimg sandbox …` */
export function addSandboxCommands(program: Command, run: RunCommand): void {
  const sandbox = command(program, 'sandbox', 'an EC2 endpoint on this machine that boots real virtual machines');
  command(sandbox, 'up', 'start it; it goes on in the background')
    .addOption(delayOption())
    .addOption(longPollsOption())
    .action(run(async (cli, options) => (await import('./commands/sandbox.js')).up(options, cli)));
  command(sandbox, 'down', 'stop it and its machines; images are kept')
    .option('--keep-instances', 'let the machines go on; they are found again when it comes up')
    .action(run(async (cli, options) => (await import('./commands/sandbox.js')).down(options, cli)));
  command(sandbox, 'status', 'show what runs in it')
    .option('--json', 'answer in JSON')
    .action(run(async (cli, options) => (await import('./commands/sandbox.js')).status(options, cli)));
  command(sandbox, 'env', 'print the settings that lead packer, the AWS CLI and SDKs to it, for `eval`')
    .option('--account <id>', "act as this account (default: the sandbox's own)", parseAccount)
    .action(run(async (cli, options) => (await import('./commands/sandbox.js')).env(options, cli)));
  addAccountCommands(command(sandbox, 'account', 'accounts that images can be shared with'), run);
  command(sandbox, 'faults', 'make calls go wrong on purpose, to see what becomes of a build')
    .argument('[file]', 'plan in JSON (default: nothing goes wrong)')
    .action(run(async (cli, _options, [file]) => (await import('./commands/sandbox-faults.js')).faults(file, cli)));
  command(sandbox, 'policy', 'let calls through only as an IAM policy says, to see whether it is enough')
    .argument('[file]', 'policy, or list of policies, in JSON (default: everything is allowed)')
    .action(run(async (cli, _options, [file]) => (await import('./commands/sandbox-policy.js')).policy(file, cli)));
  sandbox
    .command('serve', { hidden: true })
    .copyInheritedSettings(sandbox)
    .requiredOption('--state <dir>', 'state folder')
    .requiredOption('--port <n>', 'port to listen on', Number)
    .addOption(delayOption())
    .addOption(longPollsOption())
    .action(run(async (cli, options) => (await import('./commands/sandbox.js')).serve(options, cli)));
  command(sandbox, 'launch', 'boot an AMI in it and say how to log in')
    .argument('<ami>', 'image to boot')
    .option('--region <region>', 'region of the image', parseRegion, 'us-east-1')
    .option('--instance-type <type>', 'type of the instance', 't3.small')
    .option('--no-metadata', 'turn its metadata service off, to see what does not start without')
    .option('--json', 'answer in JSON')
    .action(run(async (cli, options, [ami]) => (await import('./commands/launch.js')).launch(ami ?? '', options, cli)));
  command(sandbox, 'ssh', 'log in to an instance, or run a command on it')
    .argument('<instance>', 'instance to log in to')
    .argument('[command...]', 'what to run; write -- before it')
    .option('--region <region>', 'region of the instance', parseRegion, 'us-east-1')
    .passThroughOptions(false)
    .action(
      run(async (cli, options, [instance, words]) => {
        return (await import('./commands/launch.js')).ssh(instance ?? '', words ?? [], options, cli);
      }),
    );
  addSandboxBeanstalkCommands(sandbox, run);
  addImageCommands(command(sandbox, 'image', 'base images that instances start from'), run);
}

function delayOption(): Option {
  return new Option(
    '--delay <transition=seconds>',
    'make running, stopped or image take longer, as on AWS; may be repeated',
  )
    .argParser(parseDelay)
    .default({}, 'none');
}

function longPollsOption(): Option {
  return new Option(
    '--no-long-polls',
    "answer an SDK's waiter at once, as AWS does; otherwise when there is news, which saves Packer most of its 15 s a poll",
  );
}

/** `image=60` → the delays so far and `imageMs: 60000`. */
function parseDelay(text: string, earlier: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const [, transition, seconds] = /^(running|stopped|image)=(\d{1,4}(?:\.\d+)?)$/.exec(text) ?? [];
  if (transition === undefined) {
    throw new InvalidArgumentError('It is written running=SECONDS, stopped=SECONDS or image=SECONDS.');
  }
  return { ...earlier, [`${transition}Ms`]: Number(seconds) * 1000 };
}

function addAccountCommands(account: Command, run: RunCommand): void {
  command(account, 'add', 'make one, or change what it is a member of')
    .argument('<id>', '12 digits', parseAccount)
    .addOption(repeatable('--member-of <arn>', 'organization or organizational unit that it is in', parseOrganization))
    .action(
      run(async (cli, options, [id]) => (await import('./commands/sandbox-account.js')).add(id ?? '', options, cli)),
    );
  command(account, 'list', 'show those that there are')
    .option('--json', 'answer in JSON')
    .action(run(async (cli, options) => (await import('./commands/sandbox-account.js')).list(options, cli)));
}

function addImageCommands(image: Command, run: RunCommand): void {
  command(image, 'build', "make one out of the distribution's packages")
    .argument('<os>', 'for example debian-12')
    .action(run(async (cli, _options, [os]) => (await import('./commands/sandbox-image.js')).build(os ?? '', cli)));
  command(image, 'import', "take a vendor's cloud image")
    .argument('<file-or-url>', 'qcow2 or raw disk')
    .requiredOption('--checksum <sha256:hex>', 'checksum that the vendor publishes')
    .requiredOption('--os <os>', 'which system it is, for example ubuntu-24.04')
    .action(
      run(async (cli, options, [source]) => {
        return (await import('./commands/sandbox-image.js')).importFrom(source ?? '', options, cli);
      }),
    );
  command(image, 'list', 'show those that there are')
    .option('--json', 'answer in JSON')
    .action(run(async (cli, options) => (await import('./commands/sandbox-image.js')).list(options, cli)));
}
