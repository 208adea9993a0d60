import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createError } from '../errors.js';
import { draftProblem, type ProblemDraft } from './problem.js';

/** A config of 1,000 images has about 400 KiB. */
const MAX_CONFIG_BYTES = 1024 * 1024;

export interface ConfigText {
  readonly text: string;
  /** Why the text is not one: it is binary, or in another encoding. */
  readonly problems: readonly ProblemDraft[];
}

/**
 * Reads a config as UTF-8 text, without its byte order mark.
 * @throws CONFIG_FILE_MISSING, CONFIG_UNREADABLE (folder, device, no permission), CONFIG_TOO_LARGE
 */
export async function readConfigFile(file: string): Promise<ConfigText> {
  return decodeText(await readBytes(file));
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer that may never come.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await handle.stat();
      if (status.isDirectory()) throw createError('CONFIG_UNREADABLE', [file, 'it is a folder']);
      if (!status.isFile()) throw createError('CONFIG_UNREADABLE', [file, 'it is not a regular file']);
      if (status.size > MAX_CONFIG_BYTES) {
        throw createError('CONFIG_TOO_LARGE', [file, Math.ceil(status.size / 1024)]);
      }
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw createError('CONFIG_FILE_MISSING', [file], { cause: error });
    if (code === 'EACCES') throw createError('CONFIG_UNREADABLE', [file, 'no permission'], { cause: error });
    throw error;
  }
}

function decodeText(bytes: Buffer): ConfigText {
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  const nul = text.indexOf('\0');
  if (nul !== -1) {
    const problem = draftProblem('CONFIG_BINARY', { span: { start: nul, end: nul + 1 } }, ['NUL characters']);
    return { text: text.slice(0, nul + MAX_SHOWN_BINARY), problems: [problem] };
  }
  const invalid = findInvalidUtf8(bytes);
  if (invalid === undefined) return { text, problems: [] };
  const start = bytes
    .subarray(0, invalid)
    .toString('utf8')
    .replace(/^\ufeff/, '').length;
  const byte = `0x${(bytes[invalid] ?? 0).toString(16).padStart(2, '0')}`;
  return { text, problems: [draftProblem('CONFIG_ENCODING', { span: { start, end: start + 1 } }, [byte])] };
}

const MAX_SHOWN_BINARY = 20;

/** Offset of the first byte that is not UTF-8. A replacement character that the file itself holds is well-formed. */
function findInvalidUtf8(bytes: Buffer): number | undefined {
  if (isUtf8(bytes)) return undefined;
  // Halving: the longest valid beginning ends within 3 bytes before the culprit.
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isUtf8Beginning(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Valid, or valid but for a character that is cut off at the end. */
function isUtf8Beginning(bytes: Buffer): boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    decoder.decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
