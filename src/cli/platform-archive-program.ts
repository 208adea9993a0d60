import { type Command, Option } from 'commander';
import { command, type RunCommand } from './define-command.js';
import { parseRegion } from './option-values.js';

/** `buildimg platform lint TARGET`, `platform import PATH` and `platform outdated [IMAGE…]`. */
export function addPlatformArchiveCommands(platform: Command, run: RunCommand, variableOption: () => Option): void {
  command(platform, 'lint', 'say what is wrong with a platform definition archive; changes and unpacks nothing')
    .argument('<target>', 'folder or zip file')
    .option(
      '-r, --region <region>',
      'region that the platform is for (default: that of .elasticbeanstalk/config.yml)',
      parseRegion,
    )
    .addOption(new Option('-f, --format <format>', 'form of the answer').choices(['text', 'json']).default('text'))
    .action(
      run(async (cli, options, [target]) =>
        (await import('./commands/platform-lint.js')).platformLint(target ?? '', options, cli),
      ),
    );
  command(platform, 'import', 'make a config of a platform definition or a Packer template')
    .argument('<path>', 'folder with a platform.yaml, legacy JSON template, or .pkr.hcl file')
    .requiredOption('-o, --out <dir>', 'folder to write the config and its files to; nothing there is overwritten')
    .addOption(new Option('-f, --format <format>', 'form of the answer').choices(['text', 'json']).default('text'))
    .action(
      run(async (cli, options, [path]) =>
        (await import('./commands/platform-import.js')).platformImport(path ?? '', options, cli),
      ),
    );
  command(platform, 'outdated', 'say whether the platforms that images start from have moved on')
    .argument('[image...]', 'images of the config (default: all that start from a platform branch)')
    .option('-w, --write', 'write what is recommended now to buildimg.lock.json')
    .option('--sandbox', 'ask the sandbox instead of AWS')
    .option('--json', 'answer in JSON')
    .addOption(variableOption())
    .action(
      run(async (cli, options, [names]) =>
        (await import('./commands/platform-outdated.js')).platformOutdated(names ?? [], options, cli),
      ),
    );
}
