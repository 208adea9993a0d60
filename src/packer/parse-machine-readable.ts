import { stripVTControlCharacters } from 'node:util';

/** One line of `packer -machine-readable`. */
export type PackerMessage =
  /** What Packer would have shown a person. `error` also carries the stderr of scripts that go on fine. */
  | { readonly kind: 'ui'; readonly level: 'say' | 'message' | 'error'; readonly text: string }
  /** A finished artifact; `id` is `<region>:<ami>` for amazon-ebs. Printed once a post-processor, so it may repeat. */
  | { readonly kind: 'artifact'; readonly target: string; readonly key: string; readonly value: string }
  /** Why a build failed, without the decoration of the ui lines. */
  | { readonly kind: 'build-error'; readonly target: string; readonly text: string }
  | { readonly kind: 'other'; readonly type: string; readonly values: readonly string[] };

/**
 * Reads one line of Packer's machine output: `timestamp,target,type,data…`.
 * Undefined for anything else (a panic's stack, a plugin writing to stdout by itself).
 */
export function parseMachineReadable(line: string): PackerMessage | undefined {
  const [timestamp, target, type, ...values] = line.split(',').map(unescapeField);
  if (timestamp === undefined || target === undefined || type === undefined || !/^\d+$/.test(timestamp)) {
    return undefined;
  }
  if (type === 'ui') {
    const [level = 'say', text = ''] = values;
    return { kind: 'ui', level: level === 'error' || level === 'message' ? level : 'say', text };
  }
  if (type === 'artifact') {
    const [, key = '', value = ''] = values;
    return { kind: 'artifact', target, key, value };
  }
  if (type === 'error') {
    return { kind: 'build-error', target, text: values.join(',') };
  }
  return { kind: 'other', type, values };
}

// Packer escapes these three and nothing else, so a backslash that the text itself held cannot be told apart.
// Source: packer/ui.go, MachineReadableUi.Machine.
function unescapeField(field: string): string {
  return field.replaceAll('%!(PACKER_COMMA)', ',').replaceAll('\\r', '\r').replaceAll('\\n', '\n');
}

/** Takes `==> name: ` and `    name: ` off a ui text, and terminal colours with it. Names of builders may hold spaces. */
export function stripUiPrefix(text: string): string {
  return stripVTControlCharacters(text).replace(/^(?:==> | {4}|--> )[\w. -]+: ?/, '');
}
