// A packer of a version that Debian has no package of: it replays what one of that version said, makes and removes in EC2
// what the lines are about, and takes signals as the real one does. Debian's 1.6.6 stays the real thing in tests of its own.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PackerBinary } from '../../../src/packer/find-packer.js';
import { bundleChild } from '../bundle-child.js';

export type TranscriptName = 'packer-1.6.6' | 'packer-1.6.6-fails' | 'packer-1.16.0' | 'packer-1.16.0-fails';

/** What the program reads. */
export interface StandInScript {
  /** Absolute; one of test/support/packer-transcripts. */
  readonly transcript: string;
  readonly version: string;
  /** What the first script prints besides what the transcript has of it. */
  readonly says: readonly string[];
  /** Archive that the instance gives when it is looked at. */
  readonly collected?: string;
}

export interface StandInOptions extends Partial<Pick<StandInScript, 'says' | 'collected'>> {
  readonly transcript: TranscriptName;
  /** The bundle of program.ts. */
  readonly program: string;
}

/** Bundles the program; the folder of the file is the caller's to remove. */
export function bundleStandIn(): Promise<string> {
  return bundleChild('test/support/stand-in-packer/program.ts');
}

/** Resolves when the last build of a stand-in has ended; one that nobody hears any more does so at its next word. */
export async function waitForStandIn(path: string): Promise<void> {
  const file = `${path}.json.pid`;
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8'));
  while (isRunning(pid)) await sleep(20);
  rmSync(file);
}

function isRunning(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch {
    return false;
  }
}

/** Writes `packer` into `folder`, which is made. */
export function writeStandIn(folder: string, options: StandInOptions): PackerBinary {
  const { transcript, program, says = [], collected } = options;
  const version = transcript.split('-')[1] ?? '';
  const script: StandInScript = {
    transcript: resolve('test/support/packer-transcripts', `${transcript}.txt`),
    version,
    says,
    ...(collected === undefined ? {} : { collected }),
  };
  const path = join(folder, 'packer');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.json`, JSON.stringify(script));
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${program}' '${path}.json' "$@"\n`);
  chmodSync(path, 0o755);
  return { path, version };
}
