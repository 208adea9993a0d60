// The look at the instance before it is sealed, after which nothing of it could be fetched: see ../judge-instance.ts.
import { join } from 'node:path';
import type { InstanceShell } from '../../plugins/types.js';
import { COLLECT_SCRIPT, COLLECTED_FILE } from '../../render/packer/capture-gate.js';
import { UPLOAD_DIR } from '../../render/packer/provisioners.js';
import type { ImageBuild } from '../build-request.js';
import { judgeInstance } from '../judge-instance.js';
import { CONTROL_DIR } from './step-script.js';

/** Reads every inode: minutes on a slow disk with millions of files. */
const LIMIT_SECONDS = 600;

/** With nothing to refuse an instance for, looking at it would only cost time. */
export function isGated({ request }: Pick<ImageBuild, 'request'>): boolean {
  return request.image.scan.failOn !== 'none' && !request.allowFindings;
}

/** Errors: SCAN_FINDINGS, after which nothing is captured. */
export async function assertInstancePasses({ run, request, context }: ImageBuild, shell: InstanceShell): Promise<void> {
  const remote = `${CONTROL_DIR}/${COLLECTED_FILE}`;
  const archive = join(run.folder, COLLECTED_FILE);
  await shell.run({
    what: 'list what the image will hold',
    text: `set -eu\nmkdir -p -m 0700 ${CONTROL_DIR}\nbash ${UPLOAD_DIR}/${COLLECT_SCRIPT} ${remote}\n`,
    limitSeconds: LIMIT_SECONDS,
  });
  await shell.download(remote, archive);
  await shell.run({ what: `remove ${remote}`, text: `rm -f ${remote}\n`, limitSeconds: 60 });
  await judgeInstance({ archive, reportFile: run.instanceScanFile, request, context });
}
