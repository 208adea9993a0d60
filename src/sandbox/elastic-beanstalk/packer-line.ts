export interface PackerLine {
  /** Name of the builder, or empty. */
  readonly target: string;
  readonly type: string;
  readonly data: readonly string[];
}

/**
 * Reads one line of `packer build -machine-readable`; undefined for other lines.
 * https://developer.hashicorp.com/packer/docs/commands#machine-readable-output
 */
export function parsePackerLine(text: string): PackerLine | undefined {
  const [time = '', target = '', type = '', ...data] = text.split(',');
  if (!/^\d{9,}$/.test(time) || type === '') return undefined;
  return { target, type, data: data.map(unescapeField) };
}

function unescapeField(field: string): string {
  return field.replaceAll('%!(PACKER_COMMA)', ',').replaceAll('\\n', '\n').replaceAll('\\r', '\r');
}
