import type { EventPayloads } from '../../events.js';

/** `instance i-…`. */
export function formatResource({ kind, id }: EventPayloads['resource.created']): string {
  return `${kind.replace('-', ' ')} ${id}`;
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
