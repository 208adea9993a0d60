import { type Command, Option } from 'commander';
import { command, type RunCommand } from './define-command.js';

/** `buildimg platform lint TARGET` */
export function addPlatformArchiveCommands(platform: Command, run: RunCommand): void {
  command(platform, 'lint', 'say what is wrong with a platform definition archive; changes and unpacks nothing')
    .argument('<target>', 'folder or zip file')
    .option('-r, --region <region>', 'region that the platform is for (default: that of .elasticbeanstalk/config.yml)')
    .addOption(new Option('-f, --format <format>', 'form of the answer').choices(['text', 'json']).default('text'))
    .action(
      run(async (cli, options, [target]) =>
        (await import('./commands/platform-lint.js')).platformLint(target ?? '', options, cli),
      ),
    );
}
