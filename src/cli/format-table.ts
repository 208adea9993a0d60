/** Rows as lines with their columns under each other; a column that is empty in every row is left out. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const columns = head.map((_, index) => index).filter((index) => rows.some((row) => (row[index] ?? '') !== ''));
  const lines = [head, ...rows].map((row) => columns.map((index) => row[index] ?? ''));
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines.map((line) =>
    line
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
