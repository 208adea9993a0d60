import { type PackerMessage, parseMachineReadable } from '../packer/parse-machine-readable.js';

/**
 * What a line of a platform's log says: `I, [time#pid]  INFO -- Packer: <machine-readable>` or `… -- info: text`.
 */
export function readPlatformLogLine(message: string): { readonly text: string; readonly packer?: PackerMessage } {
  const [, rest = message] = /^[A-Z], \[[^\]]*\]\s+[A-Z]+ -- (.*)$/s.exec(message) ?? [];
  const [, line] = /^Packer: (.*)$/s.exec(rest) ?? [];
  if (line === undefined) return { text: rest.replace(/^\w+: /, '') };
  const packer = parseMachineReadable(line);
  if (packer === undefined) return { text: line };
  return { text: packer.kind === 'ui' ? packer.text : '', packer };
}
