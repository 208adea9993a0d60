import type { EventPayloads } from '../../events.js';
import { formatCounts } from '../../report/summarize.js';

/** `instance i-…`; with a region when it is not the image's own. */
export function formatResource({ kind, id, region }: EventPayloads['resource.created']): string {
  return `${kind.replace('-', ' ')} ${id}${region === undefined ? '' : ` in ${region}`}`;
}

/** `image under policy marketplace: 1 high, 3 low`. */
export function formatScan({ subject, policy, counts }: EventPayloads['scan.finished']): string {
  return `${subject} under policy ${policy}: ${formatCounts(counts)}`;
}

export function formatRunFinished({ image, outcome }: EventPayloads['run.finished']): string {
  return `${image}: ${OUTCOMES[outcome]}`;
}

const OUTCOMES: Readonly<Record<EventPayloads['run.finished']['outcome'], string>> = {
  built: 'built',
  unchanged: 'nothing to do, the same inputs have made this image before',
  failed: 'failed',
  interrupted: 'interrupted',
};
