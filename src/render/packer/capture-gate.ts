// What `buildimg build` puts before the step that seals, after which nothing may connect: an archive of what a scan reads
// is made and fetched, and packer waits until buildimg has written what it thinks of it. Packer itself does the waiting,
// so that no image is captured however slow the scan is. Folders that are rendered for use by hand have none of it:
// nobody would answer.
import type { TitledProvisioner } from './render-options.js';

/** Payload path of the script that makes the archive. */
export const COLLECT_SCRIPT = 'provisioners/collect-tree.sh';
/** In the folder that packer runs in. */
export const COLLECTED_FILE = 'collected.tar.gz';
/** In the folder that packer runs in: one word and a line end, moved there whole. */
export const VERDICT_FILE = 'scan-verdict';
export const VERDICT_PASSES = 'passes';

/** A scan takes seconds; when nobody has answered by then, whoever should have is gone. */
const ANSWER_LIMIT_SECONDS = 600;

/** The provisioners of the gate; `uploadDir` is where the payload lies on the instance. */
export function renderCaptureGate(uploadDir: string): readonly TitledProvisioner[] {
  const archive = `${uploadDir}/${COLLECTED_FILE}`;
  const collect = `sudo -n bash ${uploadDir}/${COLLECT_SCRIPT} ${archive}`;
  return [
    { title: 'collect', provisioner: { type: 'shell', inline: [collect], expect_disconnect: false } },
    {
      title: 'collect',
      provisioner: { type: 'file', direction: 'download', source: archive, destination: COLLECTED_FILE },
      isContinued: true,
    },
    { title: 'scan instance', provisioner: { type: 'shell-local', inline: [WAIT, JUDGE] }, isGate: true },
  ];
}

const WAIT = `seconds=0; while [ ! -e ${VERDICT_FILE} ] && [ "$seconds" -lt ${ANSWER_LIMIT_SECONDS} ]; do sleep 1; seconds=$((seconds + 1)); done`;
const JUDGE = `grep -qx ${VERDICT_PASSES} ${VERDICT_FILE}`;
