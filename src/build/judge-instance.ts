import { createReadStream } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { renderJsonReport } from '../report/json.js';
import { openCollectedTree } from '../scan/tree/tar/open-collected-tree.js';
import type { BuildImageRequest } from './build-request.js';
import type { BuildContext } from './context.js';
import { createFindingsError, judgeTree } from './judge-tree.js';

export interface InstanceJudgement {
  /** What templates/collect-tree.sh wrote, on this machine; removed when it has served. Empty: nobody could look. */
  readonly archive: string;
  /** File for the report of an instance that fails. */
  readonly reportFile: string;
  readonly request: BuildImageRequest;
  readonly context: BuildContext;
}

/** Judges a build instance before it is sealed and captured. Errors: SCAN_FINDINGS; those of reading the archive. */
export async function judgeInstance({ archive, reportFile, request, context }: InstanceJudgement): Promise<void> {
  const { image, tool, interruption } = request;
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
