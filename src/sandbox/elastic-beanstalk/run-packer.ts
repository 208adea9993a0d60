// The real packer on a platform's template, as Elastic Beanstalk's builder runs it: machine-readable, and with what it says
// copied to CloudWatch Logs line by line.

import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, kill } from 'node:process';
import { execa } from 'execa';
import { isSameProcessAlive, type ProcessIdentity, readProcessIdentity } from '../../process-identity.js';
import { sandboxEnvironment } from '../environment.js';
import type { PlatformVersionRecord } from '../world/service-records.js';
import type { SandboxServices } from '../world/services.js';
import { type PackerLine, parsePackerLine } from './packer-line.js';

export interface PackerRun {
  readonly platform: PlatformVersionRecord;
  /** Folder of the unpacked archive. */
  readonly folder: string;
  /** File in that folder. */
  readonly template: string;
  readonly onLine: (line: string) => void;
  /** Called as soon as packer runs. */
  readonly onStart: (packer: ProcessIdentity) => Promise<void>;
}

export interface PackerOutcome {
  /** Region → image, of every builder. */
  readonly images: ReadonlyMap<string, string>;
  /** The last error that packer showed; undefined when it ended well. */
  readonly error: string | undefined;
}

const BUILD_LIMIT_MS = 2 * 60 * 60_000;

/** Runs `packer build` to its end. A failure is an outcome, not an exception. */
export async function runPacker(services: SandboxServices, run: PackerRun): Promise<PackerOutcome> {
  const { platform, folder } = run;
  // Short, because packer's plugins listen on sockets in it, whose paths are limited to 107 bytes.
  const scratch = await mkdtemp(join(tmpdir(), 'buildimg-packer-'));
  const child = execa('packer', ['build', '-machine-readable', '-color=false', run.template], {
    cwd: folder,
    env: {
      ...keepHarmless(env),
      ...sandboxEnvironment(services.describe(), platform.region),
      AWS_EB_PLATFORM_NAME: platform.name,
      AWS_EB_PLATFORM_VERSION: platform.version,
      AWS_EB_PLATFORM_ARN: platform.id,
      // What packer writes for itself goes with the build.
      TMPDIR: scratch,
    },
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    timeout: BUILD_LIMIT_MS,
    killSignal: 'SIGKILL',
    // A process group of its own, so that its plugins can be ended with it.
    detached: true,
  });
  const lines = child.iterable({ from: 'all' });
  const identity = child.pid === undefined ? undefined : readProcessIdentity(child.pid);
  // With the endpoint gone there is nothing left that packer could clean up; take-up-work.ts does at the next start.
  const end = () => identity && endPacker(identity);
  services.signal.addEventListener('abort', end);
  if (identity !== undefined) await run.onStart(identity);
  const images = new Map<string, string>();
  const errors: Errors = { reasons: [], shown: [] };
  for await (const text of lines) {
    run.onLine(text);
    collect(parsePackerLine(text), images, errors);
  }
  const result = await child;
  await rm(scratch, { recursive: true, force: true });
  services.signal.removeEventListener('abort', end);
  services.signal.throwIfAborted();
  if (!result.failed) return { images, error: undefined };
  const reason = result.code === 'ENOENT' ? 'packer is not installed' : describeFailure(result);
  return { images, error: errors.reasons.at(-1) ?? errors.shown.at(-1) ?? reason };
}

/** Where programs, plugins and their settings are, and in which language; nothing else of whoever started the sandbox. */
const KEPT_VARIABLES =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ|XDG_CONFIG_HOME|PACKER_PLUGIN_PATH|PACKER_CONFIG_DIR)$/;

function keepHarmless(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => KEPT_VARIABLES.test(name)));
}

/** Ends a packer that outlived its sandbox, with its plugins. Nothing happens when it has gone. */
export function endPacker(packer: ProcessIdentity): void {
  if (!isSameProcessAlive(packer)) return;
  try {
    kill(-packer.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Keeps all of packer's output where a person can read it. */
export async function appendToFile(file: string, lines: readonly string[]): Promise<void> {
  await appendFile(file, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
}

function describeFailure(result: {
  readonly timedOut: boolean;
  readonly exitCode?: number;
  readonly signal?: string;
}): string {
  if (result.timedOut) return `no end within ${BUILD_LIMIT_MS / 60_000} minutes`;
  return `packer ended with ${result.signal ?? `exit code ${result.exitCode}`}`;
}

interface Errors {
  /** Why a builder failed. */
  readonly reasons: string[];
  /** What was shown in red, which is also all that scripts write to stderr. */
  readonly shown: string[];
}

function collect(line: PackerLine | undefined, images: Map<string, string>, errors: Errors): void {
  if (line === undefined) return;
  const [first = '', second = '', third = ''] = line.data;
  if (line.type === 'artifact' && second === 'id') {
    for (const pair of third.split(',')) {
      const [region = '', image = ''] = pair.split(':');
      if (image.startsWith('ami-')) images.set(region, image);
    }
  }
  if (line.type === 'error') errors.reasons.push(first);
  else if (line.type === 'ui' && first === 'error') errors.shown.push(second);
}
