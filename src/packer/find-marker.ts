import { parseMachineReadable, stripUiPrefix } from './parse-machine-readable.js';

/**
 * The number of the step that a line of Packer's output begins, as a marker says it: `SECRET NUMBER` and nothing else
 * (render/packer/step-markers.ts). Undefined for every other line.
 */
export function findMarker(line: string, secret: string): number | undefined {
  if (!line.includes(secret)) return undefined;
  const message = parseMachineReadable(line);
  if (message?.kind !== 'ui') return undefined;
  const [word, number = '', ...others] = stripUiPrefix(message.text).trim().split(' ');
  return word === secret && others.length === 0 && /^[1-9]\d*$/.test(number) ? Number(number) : undefined;
}
