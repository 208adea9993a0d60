import { type Command, InvalidArgumentError, Option } from 'commander';
import { failOnNames, policyNames } from '../config/scan-names.js';
import { command, type RunCommand } from './define-command.js';
import {
  collect,
  parseAccount,
  parseImageName,
  parseParameterGlob,
  parseParameterName,
  parseRegion,
  regionsOption,
  repeatable,
} from './option-values.js';
import { parsePairs } from './platform-program.js';

/** `buildimg images|diff|promote|gc`: the images that builds made, and what becomes of them. */
export function addCatalogueCommands(program: Command, run: RunCommand): void {
  regionCommand(program, 'images', 'list the images that builds made, newest first')
    .argument('[image...]', 'names of images (default: all)', collect(parseImageName))
    .action(
      run(async (cli, options, [names]) => (await import('./commands/images.js')).images(names ?? [], options, cli)),
    );
  command(program, 'diff', 'say what changed from one image to another')
    .argument('<before>', IMAGE)
    .argument('<after>', IMAGE)
    .option('-r, --region <region>', 'where they are (default: AWS_REGION, then the AWS profile)', parseRegion)
    .option('--sandbox', 'those of the sandbox on this machine')
    .addOption(
      new Option('-p, --policy <policy>', 'whose findings (default: that which the second was scanned by)').choices(
        policyNames,
      ),
    )
    .option('--json', 'answer in JSON')
    .action(
      run(async (cli, options, [before, after]) =>
        (await import('./commands/diff.js')).diff(before ?? '', after ?? '', options, cli),
      ),
    );
  regionCommand(program, 'promote', 'make an image the one that others use')
    .argument('<image>', IMAGE)
    .option('--parameter <name>', 'SSM parameter that is to name it', parseParameterName)
    .option('--stage <name>', 'what it is good for, as its tag buildimg:stage')
    .addOption(new Option('--tag <key=value,...>', 'tags for it').argParser(parsePairs).default({}, 'none'))
    .addOption(repeatable('--account <id>', 'account that may launch it', parseAccount))
    .addOption(
      new Option('--fail-on <severity>', 'refuse it for a finding of this severity or worse')
        .choices(failOnNames)
        .default('high'),
    )
    .option('--allow-findings', 'also with findings, or when it was never scanned')
    .action(
      run(async (cli, options, [image]) => (await import('./commands/promote.js')).promote(image ?? '', options, cli)),
    );
  regionCommand(program, 'gc', 'remove old images that nothing uses, and say why each stays or goes')
    .argument('[image...]', 'names of images (default: all)', collect(parseImageName))
    .option('--keep <n>', 'how many of the newest of each image and architecture stay', parseCount, 3)
    .option('--older-than <time>', 'only images older than this: 12h, 90d, 8w', '90d')
    .option('--unused-for <time>', 'only images that were not launched for this long', '30d')
    .option('--shared', 'also images that are public or shared with others')
    .addOption(
      repeatable(
        '--ignore-parameter <pattern>',
        'SSM parameters that keep nothing, with * for any part of a name',
        parseParameterGlob,
      ),
    )
    .option('--account <id>', 'refuse to work in any other account', parseAccount)
    .option('--dry-run', 'only show what would be removed')
    .option('-y, --yes', 'do not ask')
    .action(run(async (cli, options, [names]) => (await import('./commands/gc.js')).gc(names ?? [], options, cli)));
}

const IMAGE = 'AMI id, name of an AMI, image@version or image@latest';

/** A command over the images of one region or several. */
function regionCommand(program: Command, name: string, summary: string): Command {
  return command(program, name, summary)
    .addOption(regionsOption('where to look (default: AWS_REGION, then the AWS profile)'))
    .option('--sandbox', 'those of the sandbox on this machine')
    .option('--json', 'answer in JSON');
}

function parseCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It is a whole number, from 0.');
  return Number(text);
}
