import { createReadStream } from 'node:fs';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { COLLECTED_FILE, VERDICT_FILE, VERDICT_PASSES } from '../render/packer/capture-gate.js';
import { renderJsonReport } from '../report/json.js';
import { openCollectedTree } from '../scan/tree/tar/open-collected-tree.js';
import type { BuildImageRequest } from './build-request.js';
import type { BuildContext } from './context.js';
import { createFindingsError, judgeTree } from './judge-tree.js';

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
  const refusal = await judgeInstance(options).then(
    () => undefined,
    (error: unknown) => error,
  );
  const verdict = join(options.folder, VERDICT_FILE);
  // Moved into place, since packer's side looks for the name and then reads.
  await writeFile(`${verdict}.partial`, `${refusal === undefined ? VERDICT_PASSES : 'refused'}\n`);
  await rename(`${verdict}.partial`, verdict);
  return refusal;
}

async function judgeInstance({ folder, reportFile, request, context }: CaptureGateOptions): Promise<void> {
  const { image, tool, interruption } = request;
  const archive = join(folder, COLLECTED_FILE);
  try {
    if ((await stat(archive)).size === 0) {
      context.emit('warning.raised', { message: 'The instance could not be looked at before it is captured' });
      return;
    }
    const { signal } = interruption;
    const target = `the build instance of ${image.name}`;
    const stream = createReadStream(archive).pipe(createGunzip());
    const tree = await openCollectedTree({ target, stream }, { signal });
    try {
      const now = new Date(context.clock.now());
      const report = await judgeTree(tree, { image, tool, now, signal, isBeforeSeal: true });
      const { counts, policy } = report.result;
      const failing = report.isFailing;
      if (failing) await writeFile(reportFile, `${renderJsonReport(report)}\n`, { mode: 0o600 });
      context.emit('scan.finished', { subject: 'instance', policy, counts, failing, report: reportFile });
      if (!failing) return;
      throw createFindingsError(report, { image: image.name, fate: 'It was not captured.', reportFile });
    } finally {
      await tree.close();
    }
  } finally {
    // It holds password hashes, and has served.
    await rm(archive, { force: true });
  }
}
