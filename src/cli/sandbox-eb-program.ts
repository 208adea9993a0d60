import { type Command, InvalidArgumentError, Option } from 'commander';
import { command, type RunCommand } from './define-command.js';
import { parseRegion } from './option-values.js';

/** `buildimg sandbox eb …`: rehearsal of an Elastic Beanstalk environment on a custom platform. */
export function addSandboxBeanstalkCommands(sandbox: Command, run: RunCommand): void {
  const eb = command(sandbox, 'eb', 'environments that rehearse a custom platform');
  environmentCommand(eb, 'deploy', 'launch an environment with a source bundle, or deploy a new one to it')
    .argument('<bundle>', 'zip file with the application at its top')
    .requiredOption(
      '-p, --platform <platform>',
      'NAME, NAME/1.0.4 or an ARN; of a name, the newest version that is Ready',
    )
    .addOption(propertyOption())
    .action(
      run(async (cli, options, [bundle]) =>
        (await import('./commands/sandbox-eb.js')).deploy(bundle ?? '', options, cli),
      ),
    );
  environmentCommand(eb, 'setenv', "change environment properties, which runs configdeploy's hooks")
    .argument('<name=value...>', 'NAME= removes one')
    .action(
      run(async (cli, options, [pairs]) =>
        (await import('./commands/sandbox-eb.js')).setProperties(pairs ?? [], options, cli),
      ),
    );
  environmentCommand(eb, 'status', 'show an environment').action(
    run(async (cli, options) => (await import('./commands/sandbox-eb.js')).status(options, cli)),
  );
  environmentCommand(eb, 'terminate', 'end an environment and its instance').action(
    run(async (cli, options) => (await import('./commands/sandbox-eb.js')).terminate(options, cli)),
  );
}

function environmentCommand(eb: Command, name: string, summary: string): Command {
  return command(eb, name, summary)
    .option('-e, --environment <name>', 'name of the environment', parseName, 'rehearsal')
    .option('-r, --region <region>', 'region of the platform', parseRegion, 'us-east-1')
    .option('--json', 'answer in JSON');
}

function propertyOption(): Option {
  return new Option('--env <name=value>', 'environment property; may be repeated')
    .argParser((text: string, earlier: Readonly<Record<string, string>>) => {
      const [name = '', ...value] = text.split('=');
      if (name === '' || value.length === 0) throw new InvalidArgumentError('It is written NAME=VALUE.');
      return { ...earlier, [name]: value.join('=') };
    })
    .default({}, 'none');
}

function parseName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]$/.test(text)) return text;
  throw new InvalidArgumentError('It has 4 to 40 letters, digits and hyphens.');
}
