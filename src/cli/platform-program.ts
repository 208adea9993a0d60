import { type Command, InvalidArgumentError, Option } from 'commander';
import { command, type RunCommand } from './define-command.js';
import { parseRegion } from './option-values.js';

/** `buildimg platform init|create|list|status|events|logs|delete|use`: what `eb platform` does, by its words. */
export function addPlatformServiceCommands(platform: Command, run: RunCommand): void {
  command(platform, 'init', 'make this folder the workspace of a platform, for the EB CLI as well')
    .argument('[name]', 'name of the platform (default: that of the folder)')
    .option('-r, --region <region>', 'region of the platform', parseRegion)
    .option('--instance-profile <name>', 'instance profile that Packer runs with')
    .option('-k, --keyname <name>', 'key pair for the builder environment')
    .action(
      run(async (cli, options, [name]) =>
        (await import('./commands/platform-init.js')).platformInit(name, options, cli),
      ),
    );
  addCreateCommand(platform, run);
  addReadingCommands(platform, run);
  serviceCommand(platform, 'delete', 'delete a version of the platform, with its AMI')
    .argument('[version]', 'version to delete')
    .option('--cleanup', 'delete all versions that failed')
    .option('--all-platforms', 'with --cleanup: of every platform of the account')
    .option('--force', 'do not ask')
    .action(
      run(async (cli, options, [version]) =>
        (await import('./commands/platform-delete.js')).platformDelete(version, options, cli),
      ),
    );
}

function addCreateCommand(platform: Command, run: RunCommand): void {
  serviceCommand(platform, 'create', 'build a new version of the platform in this folder')
    .argument('[version]', 'version to create (default: the newest, one patch up)')
    .addOption(
      new Option('-M, --major-increment', 'the next major version').conflicts(['minorIncrement', 'patchIncrement']),
    )
    .addOption(new Option('-m, --minor-increment', 'the next minor version').conflicts('patchIncrement'))
    .option('-p, --patch-increment', 'the next patch version')
    .option('-i, --instance-type <type>', 'type of the builder environment')
    .option('--instance-profile <name>', 'instance profile that Packer runs with')
    .option('--vpc-id <id>', 'VPC of the builder environment')
    .option('--vpc-subnets <ids>', 'its subnets, with commas between')
    .option('--vpc-publicip', 'give it a public address')
    .option(
      '--allow-local-commands',
      'with --sandbox: run what the template runs on the machine of packer, as you, on this machine',
    )
    .option('--timeout <minutes>', 'how long to wait', parseMinutes, 30)
    .addOption(
      new Option('--tags <key=value,...>', 'tags of the platform version').argParser(parsePairs).default({}, 'none'),
    )
    .action(
      run(async (cli, options, [version]) =>
        (await import('./commands/platform-create.js')).platformCreate(version, options, cli),
      ),
    );
}

function addReadingCommands(platform: Command, run: RunCommand): void {
  serviceCommand(platform, 'list', 'list the versions of the platform')
    .option('-a, --all-platforms', 'those of every platform of the account')
    .option('-s, --status <status>', 'only those of one status, for example Ready')
    .action(run(async (cli, options) => (await import('./commands/platform-show.js')).platformList(options, cli)));
  serviceCommand(platform, 'status', 'show a version of the platform')
    .argument('[version]', VERSION)
    .action(
      run(async (cli, options, [version]) =>
        (await import('./commands/platform-show.js')).platformStatus(version, options, cli),
      ),
    );
  serviceCommand(platform, 'use', 'choose the version that later commands are about')
    .argument('<version>', '1.0.4, NAME/1.0.4 or an ARN')
    .action(
      run(async (cli, options, [version]) =>
        (await import('./commands/platform-show.js')).platformUse(version ?? '', options, cli),
      ),
    );
  serviceCommand(platform, 'events', 'show the events of a version')
    .argument('[version]', VERSION)
    .option('-f, --follow', 'go on until interrupted')
    .action(
      run(async (cli, options, [version]) =>
        (await import('./commands/platform-history.js')).platformEvents(version, options, cli),
      ),
    );
  serviceCommand(platform, 'logs', "show Packer's log of a version, whole")
    .argument('[version]', VERSION)
    .option('--stream', 'go on while the version is being created')
    .action(
      run(async (cli, options, [version]) =>
        (await import('./commands/platform-history.js')).platformLogs(version, options, cli),
      ),
    );
}

const VERSION = '1.0.4, NAME/1.0.4 or an ARN (default: that of the workspace, else the newest)';

/** A command that speaks with Elastic Beanstalk. */
function serviceCommand(platform: Command, name: string, summary: string): Command {
  return command(platform, name, summary)
    .option('-r, --region <region>', 'region of the platform (default: that of the workspace)', parseRegion)
    .option('--sandbox', 'with the sandbox on this machine instead of AWS')
    .option('--json', 'answer in JSON');
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 1440) {
    throw new InvalidArgumentError('It is a whole number of minutes from 1 to 1440.');
  }
  return minutes;
}

/** `a=1,b=2` */
export function parsePairs(text: string, earlier: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const pairs = text.split(',').map((pair): readonly [string, string] => {
    const [name = '', ...value] = pair.split('=');
    if (name === '' || value.length === 0) throw new InvalidArgumentError('It is written NAME=VALUE.');
    return [name, value.join('=')];
  });
  return { ...earlier, ...Object.fromEntries(pairs) };
}
