import { ExitCode } from '../../errors.js';
import { readSandboxStatus, serveSandbox, stopSandbox } from '../../sandbox/daemon.js';
import { createQemuDriver } from '../../sandbox/machine/qemu-driver.js';
import { resolveSandboxPaths } from '../../sandbox/paths.js';
import type { CliContext } from '../cli-context.js';
import { sandboxClock } from '../sandbox-clock.js';
import { findAcceleratorOptions, findSandboxPaths, openSandbox } from '../sandbox-session.js';
import { findAccountKeys } from './sandbox-account.js';

export interface UpOptions {
  /** Milliseconds that a transition takes at least, by the sandbox's own names. */
  readonly delay: Readonly<Record<string, number>>;
  readonly longPolls: boolean;
}

/** `sandbox up` */
export async function up({ delay, longPolls }: UpOptions, cli: CliContext): Promise<ExitCode> {
  const options = { delays: delay, hasLongPolls: longPolls };
  const { endpoint } = await openSandbox(cli, new AbortController().signal, options);
  cli.output.answer(`The sandbox is up at ${endpoint}; it listens on loopback only.`);
  cli.output.progress('To use it in this shell: eval "$(buildimg sandbox env)"');
  return ExitCode.done;
}

/** `sandbox down` */
export async function down({ keepInstances }: DownOptions, cli: CliContext): Promise<ExitCode> {
  const { stateDir } = findSandboxPaths(cli);
  const before = await readSandboxStatus(stateDir);
  if (before.state === 'down') {
    cli.output.answer('The sandbox was not up.');
    return ExitCode.done;
  }
  const { signal } = new AbortController();
  await stopSandbox({ stateDir, signal, clock: sandboxClock, terminateInstances: keepInstances !== true });
  cli.output.answer('The sandbox is down; its images are kept.');
  return ExitCode.done;
}

export interface DownOptions {
  /** Machines go on, and are found again when the sandbox comes up. */
  readonly keepInstances?: boolean;
}

/** `sandbox status` */
export async function status({ json }: { readonly json?: boolean }, cli: CliContext): Promise<ExitCode> {
  const { stateDir } = findSandboxPaths(cli);
  const found = await readSandboxStatus(stateDir);
  if (json === true) {
    const facts = found.state === 'up' ? { endpoint: found.info.endpoint, ...found.summary } : {};
    cli.output.answer(JSON.stringify({ state: found.state, stateDir, ...facts }, undefined, 2));
    return ExitCode.done;
  }
  if (found.state === 'down') {
    cli.output.answer(`The sandbox is down; its state is in ${stateDir}.`);
    return ExitCode.done;
  }
  const { images, instances, idleStatements } = found.summary;
  cli.output.answer(`The sandbox is up at ${found.info.endpoint}; its state is in ${stateDir}.`);
  cli.output.answer(`Images made here: ${images}. Instances: ${instances.length}.`);
  if (idleStatements !== undefined) {
    const idle = idleStatements.length === 0 ? 'none' : idleStatements.join(', ');
    cli.output.answer(`A policy says what is let through. Its statements that no call has needed: ${idle}.`);
  }
  for (const { id, region, state, imageId, publicIp, notice } of instances) {
    cli.output.answer(`  ${id}  ${state}  ${imageId}  ${publicIp}  ${region}`);
    if (notice !== undefined) cli.output.answer(`    ${notice}`);
  }
  return ExitCode.done;
}

export interface EnvOptions {
  readonly account?: string;
}

/** `sandbox env`: shell text for `eval`, with the key of the sandbox's own account or of another one. */
export async function env({ account }: EnvOptions, cli: CliContext): Promise<ExitCode> {
  const { CLEARED_VARIABLES } = await import('../../sandbox/environment.js');
  const { environment, sshPort } = await openSandbox(cli, new AbortController().signal);
  const keys = account === undefined ? {} : await findAccountKeys(account, cli);
  cli.output.answer(`unset ${CLEARED_VARIABLES.join(' ')}`);
  for (const [name, value] of Object.entries({ ...environment, ...keys })) {
    cli.output.answer(`export ${name}='${value.replaceAll("'", `'\\''`)}'`);
  }
  if (sshPort !== 22) {
    // HCL2 templates take it from the environment, the legacy ones only from the command line.
    cli.output.answer(`export PKR_VAR_ssh_port='${sshPort}'`);
    cli.output.progress(
      `Port 22 is taken here, or needs root: give packer -var ssh_port=${sshPort} for template.json.`,
    );
  }
  return ExitCode.done;
}

export interface ServeOptions extends UpOptions {
  readonly state: string;
  readonly port: number;
}

/** `sandbox serve`: the server itself, until SIGTERM or SIGINT; what `up` starts in the background. */
export async function serve({ state, port, delay, longPolls }: ServeOptions, cli: CliContext): Promise<ExitCode> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => stop.abort());
  }
  const driver = createQemuDriver({
    stateDir: resolveSandboxPaths(state).machinesDir,
    now: cli.now,
    ...findAcceleratorOptions(cli),
    onProblem: (error) => cli.output.progress(`machine: ${String(error)}`),
  });
  const pace = { delays: delay, hasLongPolls: longPolls };
  await serveSandbox({ stateDir: state, port, driver, clock: sandboxClock, ...pace }, stop.signal);
  return ExitCode.done;
}
