import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COLLECTED_FILE, VERDICT_FILE, VERDICT_PASSES } from '../render/packer/capture-gate.js';
import type { BuildImageRequest } from './build-request.js';
import type { BuildContext } from './context.js';
import { judgeInstance } from './judge-instance.js';

/** Answers packer, which waits before it seals and captures: see render/packer/capture-gate.ts. */
export interface CaptureGate {
  /** Looks at what was collected, and answers; to be called when packer waits. Returns at once; later calls do nothing. */
  open(): void;
  /** Why packer was sent away; undefined when it was not, or has not waited. */
  findRefusal(): Promise<unknown>;
}

export interface CaptureGateOptions {
  /** Folder that packer runs in. */
  readonly folder: string;
  /** File for the report of an instance that fails. */
  readonly reportFile: string;
  readonly request: BuildImageRequest;
  readonly context: BuildContext;
}

export function createCaptureGate(options: CaptureGateOptions): CaptureGate {
  let judging: Promise<unknown> | undefined;
  return {
    open() {
      judging ??= answer(options);
    },
    findRefusal: async () => await judging,
  };
}

/** What keeps the image from being captured: findings, or that nobody could look for them. */
async function answer(options: CaptureGateOptions): Promise<unknown> {
  const refusal = await judgeInstance({ ...options, archive: join(options.folder, COLLECTED_FILE) }).then(
    () => undefined,
    (error: unknown) => error,
  );
  const verdict = join(options.folder, VERDICT_FILE);
  // Moved into place, since packer's side looks for the name and then reads.
  await writeFile(`${verdict}.partial`, `${refusal === undefined ? VERDICT_PASSES : 'refused'}\n`);
  await rename(`${verdict}.partial`, verdict);
  return refusal;
}
