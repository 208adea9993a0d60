import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BuildimgError, createError } from '../errors.js';
import { ensurePrivateFolder } from '../private-folder.js';
import type { BuildContext } from './context.js';

/** Where one run keeps what it does. */
export interface RunFolder {
  /** Absolute; closed to other users. */
  readonly folder: string;
  readonly journalFile: string;
  readonly logFile: string;
  /** JSON report on the image. */
  readonly scanFile: string;
  /** JSON report on the instance, when it was refused before it was captured. */
  readonly instanceScanFile: string;
  readonly cycloneDxFile: string;
  readonly spdxFile: string;
}

/** `$XDG_STATE_HOME/buildimg`, or `~/.local/state/buildimg`. */
export function findStateFolder(environment: BuildContext['environment']): string {
  const { XDG_STATE_HOME: stateHome, HOME: home } = environment;
  return join(stateHome || join(home || homedir(), '.local', 'state'), 'buildimg');
}

/** A folder below the state folder, all of them closed to other users. Errors: FOLDER_NOT_OURS. */
export function ensureStateFolder(environment: BuildContext['environment'], ...below: readonly string[]): string {
  return ensurePrivateFolder(findStateFolder(environment), ...below);
}

/** `r-20260102t030405-1a2b3c4d`: sorts by time, and is short and plain enough for a tag and a key pair name. */
export function createRunId({ clock, randomHex }: Pick<BuildContext, 'clock' | 'randomHex'>): string {
  const timestamp = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+Z$/g, '');
  return `r-${timestamp.toLowerCase()}-${randomHex(4)}`;
}

/** Creates the folder of a new run, closed to other users: what is rendered may hold values of the config. */
export async function createRunFolder(
  run: string,
  environment: BuildContext['environment'],
  logFolder?: string,
): Promise<RunFolder> {
  const stateFolder = findStateFolder(environment);
  const folder = join(stateFolder, 'runs', run);
  try {
    ensureStateFolder(environment, 'runs', run);
    if (logFolder !== undefined) {
      await mkdir(logFolder, { recursive: true });
    }
  } catch (error) {
    if (error instanceof BuildimgError) throw error;
    throw createError('STATE_FOLDER_UNWRITABLE', [logFolder ?? stateFolder, (error as Error).message], {
      cause: error,
    });
  }
  return {
    ...describeRunFolder(folder),
    ...(logFolder === undefined ? {} : { logFile: join(logFolder, `${run}.build.log`) }),
  };
}

/** The files of a run by their usual names. */
export function describeRunFolder(folder: string): RunFolder {
  return {
    folder,
    journalFile: join(folder, 'journal.jsonl'),
    scanFile: join(folder, 'scan.json'),
    instanceScanFile: join(folder, 'scan-instance.json'),
    cycloneDxFile: join(folder, 'sbom.cdx.json'),
    spdxFile: join(folder, 'sbom.spdx.json'),
    logFile: join(folder, 'build.log'),
  };
}
