/**
 * Names of licences in a Debian copyright file, sorted; none unless it is in the machine-readable format
 * (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/).
 */
export function parseDebianCopyright(text: string): readonly string[] {
  const paragraphs = text.split(/\n\s*\n/);
  if (!/^\s*Format:\s*\S*\/copyright-format\/1\.0\/?\s*$/m.test(paragraphs[0] ?? '')) return [];
  // A paragraph without Files only holds the text of a licence that others name.
  const names = paragraphs
    .filter((paragraph) => /^Files:/m.test(paragraph))
    .map((paragraph) => /^License:[ \t]*(.+)$/m.exec(paragraph)?.[1]?.trim() ?? '');
  return [...new Set(names.filter((name) => name !== ''))].toSorted();
}
