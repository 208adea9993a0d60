// The command line's side of the sandbox: where it keeps its state, and that it has what an image needs.
import { join } from 'node:path';
import { findStateFolder } from '../build/run-folder.js';
import { findOperatingSystem, findOperatingSystemOfParameter } from '../config/operating-systems.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import {
  addSandboxAccount,
  ensureSandboxInstanceProfiles,
  ensureSandboxUp,
  listSandboxAccounts,
} from '../sandbox/daemon.js';
import { sandboxEnvironment } from '../sandbox/environment.js';
import { findCachedKernel } from '../sandbox/image/base-image.js';
import { type AcceleratorOptions, readAccelerator } from '../sandbox/machine/accelerator.js';
import { ROUTER } from '../sandbox/machine/qemu-arguments.js';
import { resolveSandboxPaths, type SandboxPaths } from '../sandbox/paths.js';
import type { Account } from '../sandbox/world/accounts.js';
import { listBaseImages } from '../sandbox/world/base-images.js';
import type { CliContext } from './cli-context.js';
import { sandboxClock } from './sandbox-clock.js';

/** What a build in a sandbox launches with when its config names no profile. */
export const SANDBOX_INSTANCE_PROFILE = 'buildimg-sandbox';

/** A sandbox that is up. */
export interface SandboxSession {
  readonly endpoint: string;
  /** The endpoint as its instances reach it. */
  readonly guestEndpoint: string;
  /** What leads clients to it, its credentials among them; to be laid over the caller's environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly sshPort: number;
  /** Tells sandboxes apart, of which each has its own key pairs. */
  readonly identity: string;
}

/** Folder of the sandbox's state. */
export function findSandboxPaths({ environment }: Pick<CliContext, 'environment'>): SandboxPaths {
  return resolveSandboxPaths(environment['BUILDIMG_SANDBOX_STATE'] ?? join(findStateFolder(environment), 'sandbox'));
}

/** Folder of base images that were made or imported; kept when the sandbox's state is removed. */
export function findBaseImageCache({ environment }: Pick<CliContext, 'environment'>): string {
  const { XDG_CACHE_HOME: cacheHome, HOME: home = '/root' } = environment;
  return join(cacheHome || join(home, '.cache'), 'buildimg', 'images');
}

/** What a sandbox's machines are run with: the user's word, and a kernel to try KVM with. Error: SANDBOX_ACCELERATOR_INVALID. */
export function findAcceleratorOptions(cli: Pick<CliContext, 'environment'>): Omit<AcceleratorOptions, 'stateDir'> {
  return {
    chosen: readAccelerator(cli.environment),
    findKernel: () => findCachedKernel(findBaseImageCache(cli)),
  };
}

/** How a sandbox is started; of no effect on one that is up already. */
export interface SandboxOptions {
  /** Milliseconds by transition (`runningMs`, `stoppedMs`, `imageMs`). */
  readonly delays?: Readonly<Record<string, number>>;
  /** Default true: an SDK's waiter is answered when there is news. */
  readonly hasLongPolls?: boolean;
}

/** Starts the sandbox if it is not up. */
export async function openSandbox(
  cli: CliContext,
  signal: AbortSignal,
  options: SandboxOptions = {},
): Promise<SandboxSession> {
  const { stateDir } = findSandboxPaths(cli);
  readAccelerator(cli.environment);
  const info = await ensureSandboxUp({
    stateDir,
    signal,
    clock: sandboxClock,
    ...readPort(cli),
    command: [cli.program.node, cli.program.entry, 'sandbox', 'serve', ...formatOptions(options)],
    environment: cli.environment,
  });
  return {
    endpoint: info.endpoint,
    guestEndpoint: `http://${ROUTER}:${new URL(info.endpoint).port}`,
    environment: sandboxEnvironment(info),
    sshPort: info.sshPort,
    identity: info.credentials.accountId,
  };
}

/** The keys of an account of a sandbox that is up, which is made if it is not there. */
export async function ensureSandboxAccount(
  accountId: string,
  cli: Pick<CliContext, 'environment'>,
): Promise<Readonly<Record<string, string>>> {
  const { stateDir } = findSandboxPaths(cli);
  const known = (await listSandboxAccounts(stateDir)).find((account) => account.accountId === accountId);
  return keysOf(known ?? (await addSandboxAccount(stateDir, { accountId, memberOf: [] })));
}

/** The variables that make clients act as an account. */
export function keysOf({ accessKeyId, secretAccessKey }: Account): Readonly<Record<string, string>> {
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}

function formatOptions({ delays = {}, hasLongPolls = true }: SandboxOptions): readonly string[] {
  const words = Object.entries(delays).flatMap(([name, ms]) => ['--delay', `${name.replace('Ms', '')}=${ms / 1000}`]);
  return hasLongPolls ? words : [...words, '--no-long-polls'];
}

/** A second sandbox needs a port of its own; an impossible one is refused by the server. */
function readPort({ environment }: CliContext): { readonly port?: number } {
  const port = environment['BUILDIMG_SANDBOX_PORT'];
  return port === undefined ? {} : { port: Number(port) };
}

/** Makes the instance profiles that builds of `images` launch with: the account of a sandbox is nobody's, so they are in no IAM. */
export async function ensureInstanceProfiles(
  images: readonly ResolvedImage[],
  cli: Pick<CliContext, 'environment'>,
): Promise<void> {
  const names = images.flatMap(({ builder }) => builder.iamInstanceProfile ?? []);
  await ensureSandboxInstanceProfiles(findSandboxPaths(cli).stateDir, [SANDBOX_INSTANCE_PROFILE, ...new Set(names)]);
}

/** Makes the base images that `images` start from and the sandbox does not have. */
export async function ensureBaseImages(
  images: readonly ResolvedImage[],
  cli: CliContext,
  signal: AbortSignal,
): Promise<void> {
  const known = await listBaseImages(findSandboxPaths(cli));
  const wanted = new Set(images.flatMap((image) => findSystem(image) ?? []));
  for (const os of wanted) {
    if (known.some((base) => base.os === os)) {
      continue;
    }
    const { makeBaseImage } = await import('./make-base-image.js');
    cli.output.progress(`The sandbox has no ${os} yet: making a base image, which takes a minute or two once`);
    await makeBaseImage(os, cli, signal);
  }
}

// By filter or by id the image may be one that was built here; whether it is there is for the lookup to say.
function findSystem({ source, architecture }: ResolvedImage): string | undefined {
  if (source.kind === 'ssm-parameter') {
    return findOperatingSystemOfParameter(source.parameter)?.name;
  }
  if (source.kind !== 'os') {
    return undefined;
  }
  if (architecture !== 'x86_64' || findOperatingSystem(source.os) === undefined) {
    throw createError('SANDBOX_SYSTEM_UNSUPPORTED', [`${source.os} for ${architecture}`]);
  }
  return source.os;
}
