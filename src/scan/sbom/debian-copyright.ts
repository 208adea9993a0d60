import { findLine } from '../parse/lines.js';

/**
 * Names of licences in a Debian copyright file, sorted; none unless it is in the machine-readable format
 * (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/).
 */
export function parseDebianCopyright(text: string): readonly string[] {
  const paragraphs = text.split(/\n\s*\n/);
  if (!findLine(paragraphs[0] ?? '', /^\s*Format:\s*\S*\/copyright-format\/1\.0\/?\s*$/)) return [];
  // A paragraph without Files only holds the text of a licence that others name.
  const names = paragraphs
    .filter((paragraph) => findLine(paragraph, /^Files:/))
    .map((paragraph) => findLine(paragraph, /^License:(.+)/)?.found[1]?.trim() ?? '');
  return [...new Set(names.filter((name) => name !== ''))].toSorted();
}
