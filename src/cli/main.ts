// The entry of the command line: argv in, exit code out. Everything that touches the process stands here.
import { argv, cwd, env, execPath, exit, stderr, stdout } from 'node:process';
import type { CliContext } from './cli-context.js';
import { createOutput } from './output.js';
import { createPaint } from './paint.js';
import { type GlobalOptions, parseCommandLine } from './program.js';

// Which Node we run on is for package.json to say, not for the SDK in the middle of a build's output.
env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const parsed = await parseCommandLine(argv, (globals) => createCli(globals));
// What is left of stdout must be read before the process ends, so the code is set and nothing is cut off; only a
// handle that somebody forgot would keep the process alive, and that is not worth hanging for.
process.exitCode = parsed;
await Promise.all([drain(stdout), drain(stderr)]);
exit(parsed);

function createCli(globals: GlobalOptions): CliContext {
  const wantsColor = globals.color !== false && env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb';
  const output = createOutput({ stdout, stderr, color: wantsColor, quiet: globals.quiet === true });
  const paint = createPaint(output.hasColor);
  return {
    output,
    paint,
    environment: env,
    currentDirectory: cwd(),
    stderr,
    now: () => Date.now(),
    configFile: globals.config,
    quiet: globals.quiet === true,
    noScripts: globals.scripts === false,
    program: { node: execPath, entry: argv[1] ?? '' },
    async showError(error) {
      const { printError } = await import('./print-error.js');
      return printError(error, {
        // Errors are shown with --quiet too.
        write: (line) => void stderr.write(`${output.toShown(line)}\n`),
        paint,
        hasColor: output.hasColor,
        currentDirectory: cwd(),
        debug: globals.debug === true,
      });
    },
  };
}

function drain(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) {
      resolve();
      return;
    }
    stream.once('error', () => resolve());
    stream.once('close', () => resolve());
    stream.write('', () => resolve());
  });
}
