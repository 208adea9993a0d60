import type { RenderedFile } from '../rendered-file.js';

/** `document` as a file: two spaces, keys in the order in which they were put in, newline at the end. */
export function formatJsonFile(path: string, document: unknown): RenderedFile {
  return { path, mode: 0o644, content: { text: `${JSON.stringify(document, undefined, 2)}\n` } };
}
