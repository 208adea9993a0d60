// Packer for short questions (version, plugins, validate): run to the end, keep what it says.

export interface ToolRun {
  readonly path: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly limitMs: number;
  readonly directory?: string;
  readonly signal?: AbortSignal;
}

export interface ToolResult {
  /** Undefined when it could not be started, took longer than the limit or died of a signal. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end without a shell and without stdin. Never throws for a program that fails. */
export async function runTool(run: ToolRun): Promise<ToolResult> {
  // 86 ms to import: only when something is run.
  const { execa } = await import('execa');
  const result = await execa(run.path, run.args, {
    env: packerEnvironment(run.environment),
    extendEnv: false,
    stdin: 'ignore',
    timeout: run.limitMs,
    forceKillAfterDelay: 2000,
    reject: false,
    ...(run.directory === undefined ? {} : { cwd: run.directory }),
    ...(run.signal === undefined ? {} : { cancelSignal: run.signal }),
  });
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/**
 * The environment that every packer gets: the caller's, no question to HashiCorp's update server, no debug log that
 * could hold credentials, and the AWS config file read as the AWS CLI reads it (the Go SDK of old skips it otherwise).
 */
export function packerEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const fixed = { CHECKPOINT_DISABLE: '1', PACKER_NO_COLOR: '1', AWS_SDK_LOAD_CONFIG: '1' };
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !DROPPED_VARIABLES.has(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...fixed };
}

const DROPPED_VARIABLES = new Set(['PACKER_LOG', 'PACKER_LOG_PATH', 'PACKER_WRAP_COOKIE']);
