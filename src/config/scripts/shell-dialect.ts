import { findOperatingSystem, findOperatingSystemOfParameter } from '../operating-systems.js';
import type { SourceSelector } from '../resolved-config.js';

/** `posix`: dash and what follows the standard. */
export type ShellDialect = 'bash' | 'posix';

/**
 * The shell that a script is written for: by its shebang, and for `sh` by the image, since /bin/sh is dash on Debian and
 * Ubuntu and bash on the others. Undefined: another interpreter, or no text.
 */
export function findShellDialect(script: string, source: SourceSelector): ShellDialect | undefined {
  // The payload of a self-extracting script is no shell.
  if (script.includes('\0')) return undefined;
  const interpreter = findInterpreter(script);
  if (interpreter === 'bash') return 'bash';
  if (!SHELLS_OF_THE_STANDARD.has(interpreter)) return undefined;
  return interpreter !== 'sh' || hasDash(source) ? 'posix' : 'bash';
}

const SHELLS_OF_THE_STANDARD: ReadonlySet<string> = new Set(['sh', 'dash', 'ash']);

/** Its name without the folder. Without a shebang the kernel refuses the script, and whoever started it asks `sh`. */
function findInterpreter(script: string): string {
  const shebang = /^#![ \t]*(.*)/.exec(script)?.[1];
  if (shebang === undefined) return 'sh';
  const [program = '', ...words] = shebang.trim().split(/[ \t]+/);
  if (!/(^|\/)env$/.test(program)) return baseName(program);
  return baseName(words.find((word) => !word.startsWith('-') && !word.includes('=')) ?? '');
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

/** Unknown images get the benefit of the doubt: what only bash understands may well run there. */
function hasDash(source: SourceSelector): boolean {
  if (source.kind === 'os') return findOperatingSystem(source.os)?.family === 'debian';
  if (source.kind === 'ssm-parameter') return findOperatingSystemOfParameter(source.parameter)?.family === 'debian';
  return false;
}
