import { spawn } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAwsAccess } from '../../aws/create-aws-access.js';
import { createInstanceLauncher, type InstanceLauncher } from '../../aws/instance-launcher.js';
import type { ImageCatalog } from '../../aws/ports.js';
import { readConsoleEnd } from '../../aws/read-console-end.js';
import { waitUntil } from '../../aws/wait-until.js';
import { systemClock } from '../../build/context.js';
import { ensureStateFolder, findStateFolder } from '../../build/run-folder.js';
import { findLoginUserOfOwner } from '../../config/operating-systems.js';
import { BuildimgError, createError, ExitCode } from '../../errors.js';
import { NOTHING_FORWARDED } from '../../lib/ssh-forwardings.js';
import type { CliContext } from '../cli-context.js';
import { openSandbox, type SandboxSession } from '../sandbox-session.js';

export interface LaunchOptions {
  readonly region: string;
  readonly instanceType: string;
  readonly json?: boolean;
  /** False: launched with the metadata service turned off. */
  readonly metadata: boolean;
}

/** Longer than the sandbox waits for a guest that lets nobody in. */
const BOOT_LIMIT_MS = 900_000;

/** Boots an AMI in the sandbox with a key of its own, and says how to log in. */
export async function launch(imageId: string, options: LaunchOptions, cli: CliContext): Promise<ExitCode> {
  const { signal } = new AbortController();
  const sandbox = await openSandbox(cli, signal);
  const launcher = createInstanceLauncher({ region: options.region, ...sandbox });
  try {
    const keyName = await ensureLoginKey(launcher, sandbox, options.region, cli);
    cli.output.progress(`Starting an instance of ${imageId}`);
    const instanceId = await launcher.launch({
      imageId,
      instanceType: options.instanceType,
      keyName,
      hasMetadata: options.metadata,
    });
    const host = await waitForAddress(launcher, instanceId, cli);
    const sshCommand = await renderSshCommand({ region: options.region, host, imageId, sandbox }, cli);
    const { keyFile } = keyFiles(sandbox, options.region, cli);
    cli.output.answer(
      options.json === true
        ? JSON.stringify(
            { instanceId, imageId, publicIp: host, sshPort: sandbox.sshPort, sshCommand, keyFile },
            undefined,
            2,
          )
        : `${instanceId} runs; log in with:\n  ${sshCommand}`,
    );
    return ExitCode.done;
  } finally {
    launcher.close();
  }
}

/** Logs in to an instance of the sandbox; the exit code is that of ssh. */
export async function ssh(
  instanceId: string,
  words: readonly string[],
  { region }: { readonly region: string },
  cli: CliContext,
): Promise<ExitCode> {
  const sandbox = await openSandbox(cli, new AbortController().signal);
  const launcher = createInstanceLauncher({ region, ...sandbox });
  const host = await waitForAddress(launcher, instanceId, cli);
  const { imageId = '' } = (await launcher.findInstance(instanceId)) ?? {};
  launcher.close();
  const command = await renderSshArguments({ region, host, imageId, sandbox }, cli);
  return runSsh([...command, ...words]);
}

async function waitForAddress(launcher: InstanceLauncher, instanceId: string, cli: CliContext): Promise<string> {
  try {
    return await waitUntilRunning(launcher, instanceId, cli);
  } catch (error) {
    if (!(error instanceof BuildimgError && error.code === 'WAIT_TIMED_OUT')) throw error;
    const console = await readConsoleEnd(launcher, instanceId);
    throw createError('INSTANCE_NOT_UP', [instanceId, BOOT_LIMIT_MS / 1000, console], { cause: error });
  }
}

const GONE = ['stopping', 'stopped', 'shutting-down', 'terminated'];

function waitUntilRunning(launcher: InstanceLauncher, instanceId: string, cli: CliContext): Promise<string> {
  let lastReason: string | undefined;
  return waitUntil({
    what: `instance ${instanceId} to run`,
    limitMs: BOOT_LIMIT_MS,
    clock: systemClock,
    signal: new AbortController().signal,
    async check() {
      const found = await launcher.findInstance(instanceId);
      if (found === undefined || GONE.includes(found.state)) {
        throw createError('INSTANCE_GONE', [instanceId, found?.reason ?? found?.state ?? 'it is not there']);
      }
      // A machine that takes longer than others says why.
      if (found.reason !== undefined && found.reason !== lastReason) cli.output.progress(`  ${found.reason}`);
      lastReason = found.reason;
      return found.state === 'running' ? found.publicIp : undefined;
    },
  });
}

/** The private key is kept beside the sandbox's state; a key whose file is lost is replaced under another name. */
async function ensureLoginKey(
  launcher: InstanceLauncher,
  sandbox: SandboxSession,
  region: string,
  cli: CliContext,
): Promise<string> {
  const { keyFile, nameFile } = keyFiles(sandbox, region, cli);
  ensureStateFolder(cli.environment, 'keys', sandbox.identity);
  const known = await readFile(nameFile, 'utf8').catch(() => undefined);
  if (known !== undefined) {
    return known.trim();
  }
  const name = `buildimg-login-${cli.now().toString(36)}`;
  await writeFile(keyFile, await launcher.createKeyPair(name), { mode: 0o600 });
  await chmod(keyFile, 0o600);
  await writeFile(nameFile, `${name}\n`);
  return name;
}

function keyFiles({ identity }: SandboxSession, region: string, { environment }: CliContext) {
  const folder = join(findStateFolder(environment), 'keys', identity);
  return { keyFile: join(folder, `${region}.key`), nameFile: join(folder, `${region}.name`) };
}

interface SshTarget {
  readonly region: string;
  readonly host: string;
  readonly imageId: string;
  readonly sandbox: SandboxSession;
}

async function renderSshCommand(target: SshTarget, cli: CliContext): Promise<string> {
  const words = await renderSshArguments(target, cli);
  return [
    'ssh',
    ...words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)),
  ].join(' ');
}

// Every launch has new host keys at an address that others had before, so there is nothing to compare them with.
async function renderSshArguments(target: SshTarget, cli: CliContext): Promise<readonly string[]> {
  const { region, host, imageId, sandbox } = target;
  const aws = createAwsAccess({ region, ...sandbox });
  const user = (await findLoginUser(imageId, aws.catalog)) ?? 'admin';
  aws.close();
  const { keyFile } = keyFiles(sandbox, region, cli);
  const port = sandbox.sshPort === 22 ? [] : ['-p', String(sandbox.sshPort)];
  const options = [
    ...NOTHING_FORWARDED,
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'IdentitiesOnly=yes',
  ];
  // Nobody's configuration counts: an image is often tried here because it is not trusted yet.
  return ['-F', 'none', ...options.flatMap((option) => ['-o', option]), '-i', keyFile, ...port, `${user}@${host}`];
}

/** The login user of the system that an image descends from: by its owner, or its source's owner, and so on. */
async function findLoginUser(imageId: string, catalog: ImageCatalog): Promise<string | undefined> {
  let id: string | undefined = imageId;
  for (let generation = 0; generation < 10 && id !== undefined; generation += 1) {
    const image = await catalog.findImage(id);
    const user = image === undefined ? undefined : findLoginUserOfOwner(image.ownerId);
    if (user !== undefined) {
      return user;
    }
    id = image?.tags['buildimg:source'];
  }
  return undefined;
}

function runSsh(words: readonly string[]): Promise<ExitCode> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', words, { stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve((code ?? ExitCode.bug) as ExitCode));
  });
}
