// The table of commands. Each one is imported when it is run, so that `--help` loads neither the SDK nor the validators.
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ExitCode } from '../errors.js';
import { addCatalogueCommands } from './catalogue-program.js';
import type { CliContext } from './cli-context.js';
import { command, type RunCommand } from './define-command.js';
import { parseAccount, regionsOption } from './option-values.js';
import { addPlatformArchiveCommands } from './platform-archive-program.js';
import { addPlatformServiceCommands } from './platform-program.js';
import { addRegisterCommand } from './register-program.js';
import { addSandboxCommands } from './sandbox-program.js';
import { addScanCommand } from './scan-program.js';
import { shardOption } from './shard.js';
import { VERSION } from './version.js';

export interface GlobalOptions {
  readonly config?: string;
  readonly color?: boolean;
  readonly quiet?: boolean;
  readonly scripts?: boolean;
  readonly debug?: boolean;
}

/** Runs one command; resolves to the exit code, and never rejects. */
export async function parseCommandLine(
  argv: readonly string[],
  createCli: (globals: GlobalOptions) => CliContext,
): Promise<ExitCode> {
  let code: ExitCode = ExitCode.done;
  /** Makes a command's action of a function that takes the positional arguments, the options and the context. */
  const run: RunCommand =
    (act) =>
    async (...all: unknown[]) => {
      const ended = all.at(-1) as Command;
      code = await act(
        createCli(ended.optsWithGlobals<GlobalOptions>()),
        ended.opts<never>(),
        ended.processedArgs as never[],
      );
    };
  const program = createProgram(run);
  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has written what is wrong; help and version are no errors.
      return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
    }
    return createCli(program.opts()).showError(error);
  }
}

/** Every command with its options. */
export function createProgram(run: RunCommand): Command {
  const program = new Command('buildimg');
  addCommands(program, run);
  addSandboxCommands(program, run);
  return program;
}

// Written out rather than imported, as everything that `--help` shows.
const RENDER_TARGETS = ['packer-json', 'packer-hcl2', 'eb-platform', 'eb-ami'];

function addCommands(program: Command, run: RunCommand): void {
  program
    .description(
      'Hardened machine images from one config: renders Packer templates, builds AMIs, and rehearses it all.',
    )
    .version(VERSION, '-V, --version')
    .option('-c, --config <file>', 'config to read (default: buildimg.yaml, .json or .ts in this folder)')
    .option('--no-scripts', 'refuse a config that is a program (.ts, .js): every command that reads it would run it')
    .option('--no-color', 'no colours')
    .option('-q, --quiet', 'no progress, only the answer and errors')
    .option('--debug', 'show stacks with errors')
    .showHelpAfterError('(buildimg --help shows what there is)')
    .enablePositionalOptions(false)
    .exitOverride();

  command(program, 'init', 'write a working config and its script')
    .argument('[dir]', 'folder to write to', '.')
    .action(
      run(async (cli, _options, [folder]) => {
        return (await import('./commands/init.js')).init(folder ?? '.', cli);
      }),
    );
  command(program, 'validate', 'check the config, its files and its templates')
    .addOption(variableOption())
    .option('--packer [path]', 'also run `packer validate`')
    .action(run(async (cli, options) => (await import('./commands/validate.js')).validate(options, cli)));
  command(program, 'render', 'write templates and platforms that build by hand')
    .argument('[image...]', 'images of the config (default: all)')
    .requiredOption('-o, --out <dir>', 'folder to write to; each image gets a folder in it')
    .addOption(new Option('-t, --target <target>', 'what for').choices(RENDER_TARGETS).default('packer-json'))
    .option('--zip', 'with eb-platform: also the archive, as DIR/IMAGE.zip')
    .addOption(variableOption())
    .action(
      run(async (cli, options, [names]) => (await import('./commands/render.js')).render(names ?? [], options, cli)),
    );
  command(program, 'plan', 'show what a build would make; changes nothing')
    .argument('[image...]', 'images of the config (default: all)')
    .option('--sandbox', 'against the sandbox instead of AWS')
    .option('-f, --force', 'as if no image of these inputs existed')
    .addOption(shardOption())
    .option('--json', 'answer in JSON')
    .option('--matrix', 'answer as a matrix of CI jobs, one an image, on one line')
    .addOption(variableOption())
    .action(run(async (cli, options, [names]) => (await import('./commands/plan.js')).plan(names ?? [], options, cli)));
  command(program, 'build', 'build images')
    .argument('[image...]', 'images of the config (default: all)')
    .option('--sandbox', 'against the sandbox on this machine instead of AWS')
    .option('-f, --force', 'build although the same inputs have made an image before')
    .addOption(
      new Option(
        '--update-lock',
        'start from what Elastic Beanstalk recommends now, and write it to buildimg.lock.json',
      ).conflicts('sandbox'),
    )
    .option('--allow-findings', 'keep an AMI that does not pass its policy, with a warning')
    .option('--allow-gaps', 'accept that the scan could not read a system folder or a volume')
    .option('--parallel <n>', 'images to build side by side, 0 for all (default: 10; 1 in the sandbox)', parseParallel)
    .addOption(shardOption())
    .option('--fail-fast', 'stop all builds when one fails, and clean up')
    .addOption(new Option('--builder <type>', 'instead of what the config says').choices(['packer', 'ec2']))
    .option('--packer <path>', 'packer to run (default: the one in PATH)')
    .option('--log-dir <dir>', 'folder for the logs')
    .option('--json', 'answer in JSON')
    .addOption(new Option('--events <format>', 'progress as a stream of events').choices(['ndjson']))
    .addOption(variableOption())
    .action(
      run(async (cli, options, [names]) => (await import('./commands/build.js')).build(names ?? [], options, cli)),
    );
  command(program, 'runs', 'list what ran')
    .option('--json', 'answer in JSON')
    .action(run(async (cli, options) => (await import('./commands/runs.js')).runs(options, cli)));
  command(program, 'report', 'show what a run did')
    .argument('[run]', 'name of the run (default: the last one)')
    .option('--json', 'answer in JSON')
    .action(run(async (cli, options, [name]) => (await import('./commands/report.js')).report(name, options, cli)));
  addScanCommand(program, run);
  addRegisterCommand(program, run);
  command(program, 'resume', 'go on with a run that was killed')
    .argument('<run>', 'as buildimg runs names it')
    .option('--assume-dead', ASSUME_DEAD)
    .option('--packer <path>', 'packer to run (default: the one in PATH)')
    .option('--json', 'answer in JSON')
    .addOption(new Option('--events <format>', 'progress as a stream of events').choices(['ndjson']))
    .addOption(variableOption())
    .action(run(async (cli, options, [id]) => (await import('./commands/resume.js')).resume(id ?? '', options, cli)));
  command(program, 'reap', 'remove what killed runs left')
    .argument('[run...]', 'runs to clean up after (default: all that left something)')
    .option('--expired', 'instead, what runs of other machines left and what has outlived its expiry tag')
    .addOption(
      regionsOption(
        'with --expired, or of a run whose journal cannot say: where to look (default: AWS_REGION, then the AWS profile)',
      ),
    )
    .option('--sandbox', 'with --expired, or of a run whose journal cannot say: in the sandbox on this machine')
    .option('--assume-dead', ASSUME_DEAD)
    .option('--dry-run', 'only show what would be removed')
    .option('-y, --yes', 'with --expired: do not ask')
    .action(run(async (cli, options, [ids]) => (await import('./commands/reap.js')).reap(ids ?? [], options, cli)));
  addCatalogueCommands(program, run);
  const platform = command(program, 'platform', 'Elastic Beanstalk platforms');
  addPlatformArchiveCommands(platform, run, variableOption);
  addPlatformServiceCommands(platform, run);
  command(program, 'iam-policy', 'print the smallest IAM policy that these builds need')
    .argument('[image...]', 'images of the config (default: all)')
    .option('--role', 'the role of the build instances instead: who may take it on, and what it may do')
    .addOption(new Option('--builder <type>', 'instead of what the config says').choices(['packer', 'ec2']))
    .option('--account <id>', 'narrow resources to this account, 12 digits', parseAccount)
    .addOption(variableOption())
    .action(
      run(async (cli, options, [names]) => {
        return (await import('./commands/iam-policy.js')).iamPolicy(names ?? [], options, cli);
      }),
    );
  command(program, 'trust', 'let the buildimg.ts of this folder see your whole environment, until it changes').action(
    run(async (cli) => (await import('./commands/trust.js')).trust(cli)),
  );
  command(program, 'schema', 'print the JSON Schema of the config').action(
    run(async (cli) => (await import('./commands/schema.js')).schema(cli)),
  );
  command(program, 'doctor', 'show what is installed and what is missing')
    .option('--json', 'answer in JSON')
    .action(run(async (cli, options) => (await import('./commands/doctor.js')).doctor(options, cli)));
  command(program, 'completion', 'print a script that completes these commands')
    .addArgument(new Argument('<shell>', 'shell that it is for').choices(['bash', 'zsh', 'fish']))
    .action(
      run(async (cli, _options, [shell]) => {
        return (await import('./commands/completion.js')).completion(shell ?? 'bash', program, cli);
      }),
    );
  command(program, 'version', 'print the version').action(
    run(async (cli) => {
      cli.output.answer(VERSION);
      return ExitCode.done;
    }),
  );
}

const ASSUME_DEAD = 'the named run has ended for certain, where that cannot be told from here';

function variableOption(): Option {
  return new Option('--var <name=value>', 'value of a variable; may be repeated')
    .argParser(parseVariable)
    .default({}, 'none');
}

function parseVariable(text: string, earlier: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [name, ...value] = text.split('=');
  if (name === undefined || name === '' || value.length === 0) {
    throw new InvalidArgumentError('It is written NAME=VALUE.');
  }
  return { ...earlier, [name]: value.join('=') };
}

/** A whole number; 0 is no limit. */
function parseParallel(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('It is a whole number, 0 for all at once.');
  return text === '0' ? Number.POSITIVE_INFINITY : Number(text);
}
