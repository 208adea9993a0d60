// The syntax of shell scripts, by mvdan/sh as WebAssembly: nothing of a script is run, and no shell is needed here.
import type { ShellDialect } from './shell-dialect.js';

export interface ShellMistake {
  /** In UTF-16 units from the start of the script. */
  readonly offset: number;
  readonly what: string;
  /** The script is asked to be POSIX, and bash would understand it. */
  readonly isBashOnly: boolean;
}

/** The first mistake of a script. Undefined as well where it is too large or too deep for the parser to tell. */
export async function findShellMistake(script: string, dialect: ShellDialect): Promise<ShellMistake | undefined> {
  if (script.length > MAX_SCRIPT_LENGTH) return undefined;
  if (dialect === 'bash') return parseAs('bash', script);
  const mistake = await parseAs('posix', script);
  if (mistake === undefined) return undefined;
  return (await parseAs('bash', script)) ?? { ...mistake, isBashOnly: true };
}

/** Its memory is exhausted by a megabyte. */
const MAX_SCRIPT_LENGTH = 256 * 1024;

async function parseAs(dialect: ShellDialect, script: string): Promise<ShellMistake | undefined> {
  // Only here: it is loaded for scripts, not for every config.
  const { LangVariant, parse } = await import('sh-syntax');
  try {
    await parse(script, { variant: dialect === 'bash' ? LangVariant.LangBash : LangVariant.LangPOSIX });
    return undefined;
  } catch (error) {
    // Of the stack, and of the parser's memory.
    if (error instanceof RangeError || (error as Error).name === 'RuntimeError') return undefined;
    return readMistake(error as ParserError, script);
  }
}

interface ParserError {
  readonly message: string;
  /** In UTF-8 bytes. */
  readonly Pos?: { readonly Offset: number };
}

function readMistake(error: ParserError, script: string): ShellMistake {
  const { message, Pos: position } = error;
  if (position !== undefined) {
    return { offset: decodeUtf8Offset(script, position.Offset), what: message, isBashOnly: false };
  }
  // Of another dialect's features it says the place in its words only: `2:5: arrays are a bash/mksh/zsh feature; tried …`.
  const [, line, column, what] = /^(\d+):(\d+): (.+); tried parsing as/.exec(message) ?? [];
  if (what === undefined) throw new Error(`The shell parser failed: ${message}`, { cause: error });
  const lines = script.split('\n').slice(0, Number(line) - 1);
  const lineStart = lines.reduce((sum, text) => sum + text.length + 1, 0);
  const offset = lineStart + decodeUtf8Offset(script.slice(lineStart), Number(column) - 1);
  return { offset, what, isBashOnly: false };
}

/** The place in a JavaScript string of a byte of its UTF-8 form. */
function decodeUtf8Offset(text: string, bytes: number): number {
  return Buffer.from(text, 'utf8').subarray(0, bytes).toString('utf8').length;
}
